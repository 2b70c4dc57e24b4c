// A namespace and names of its own, { event, time, payload }, receipts under the order's id, and polling only.
import { io } from "socket.io-client";

const [server, role, orders = "0", prefix = "crate"] = process.argv.slice(2);
const socket = io(`${server}/shipping`, { transports: ["polling"] });
const STORE = "Harbour Goods";

const send = (event, payload) => socket.emit(event, { event, time: new Date(), payload });

const roles = {
  store() {
    socket.on("connect", () => {
      socket.emit("JOIN", STORE);
      socket.emit("GET_ALL", { store: STORE });
    });
    const acknowledge = ({ payload }) => socket.emit("RECEIVED", { event: "order", store: STORE, orderID: payload.orderID });
    socket.on("IN_TRANSIT", acknowledge);
    socket.on("DELIVERED", (message) => {
      console.log("thank you", message.payload.orderID);
      acknowledge(message);
    });
    for (let number = 1; number <= Number(orders); number += 1) {
      console.log("ordered", `${prefix}-${number}`);
      send("PICKUP", { store: STORE, orderID: `${prefix}-${number}`, customer: "Ada", address: { street: "Pier 1", city: "Seattle" } });
    }
  },

  driver() {
    socket.emit("JOIN", { queueId: "DRIVER" });
    socket.on("PICKUP", ({ payload }) => {
      socket.emit("RECEIVED", payload.orderID);
      send("IN_TRANSIT", payload);
    });
    // It goes on when it hears itself, as its own server sent every IN_TRANSIT to everybody.
    socket.on("IN_TRANSIT", ({ payload }) => {
      console.log("delivered", payload.orderID);
      send("DELIVERED", payload);
    });
  },
};

roles[role]();
