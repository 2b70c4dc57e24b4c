/** What is printed for who wants to join: a token, and all the code that it takes. */
export function joiningText({ url, token, store }: { url: string; token: string; store: string }): string {
  return `
Join as the store ${store}, with any Socket.IO client. Save this as join.mjs in this folder, then: node join.mjs

  import { io } from "socket.io-client";
  const token = "${token}";
  const socket = io("${url}/vendor", { auth: { token } });
  socket.on("connect", () => {
    socket.emit("subscribe", { queue: "store/${store}" }, (reply) => console.log(reply.outcome));
  });
  socket.onAny((type, event, ack) => {
    if (typeof ack !== "function") return;
    console.log(event.offset, type, event.parcel);
    ack();
  });

Stop it, wait, start it again: it gets all that it missed, in order. Ctrl-C here stops everything.
`;
}
