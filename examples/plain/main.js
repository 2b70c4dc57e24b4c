/** A store without our code: bare socket.io-client. Stop it, let parcels be delivered, start it again: it gets what it missed, in order. */
import { io } from "socket.io-client";

const { WAYBILL_URL = "http://127.0.0.1:3000", WAYBILL_TOKEN } = process.env;

const socket = io(`${WAYBILL_URL}/vendor`, { auth: { token: WAYBILL_TOKEN } });
socket.on("connect", () => socket.emit("subscribe", {}, (reply) => console.log(reply.outcome)));
socket.onAny((type, event, acknowledge) => {
  if (typeof acknowledge !== "function" || !event.parcel) return; // welcome, presence, positions, words
  console.log(`${event.parcel} ${type}`);
  acknowledge();
});
