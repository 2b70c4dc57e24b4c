// The commonest kind: namespace /caps, { event, messageId, clientId, order }, the whole message sent back as its receipt.
import { io } from "socket.io-client";

const [server, role, orders = "0", prefix = "rose"] = process.argv.slice(2);
const socket = io(`${server}/caps`);
const clientId = "1-206-flowers";

function placeOrder(number) {
  const order = { store: clientId, orderId: `${prefix}-${number}`, customer: "Jimi Hendrix", address: "Sweet Home, AL" };
  console.log("ordered", order.orderId);
  socket.emit("pickup", { event: "pickup", messageId: order.orderId, clientId, order });
}

function store() {
  socket.on("connect", () => {
    socket.emit("join", { clientId });
    socket.emit("getAll", { clientId, event: "delivered" });
  });
  socket.on("in-transit", (message) => {
    socket.emit("received", message);
  });
  socket.on("delivered", (message) => {
    console.log("thank you", message.order.orderId);
    socket.emit("received", message);
  });
  for (let number = 1; number <= Number(orders); number += 1) placeOrder(number);
}

function driver() {
  // Once, when the program starts, and never again after a reconnect.
  socket.emit("getAll", { queueId: "driver" });
  socket.on("pickup", (message) => {
    socket.emit("received", { queueId: "driver", messageId: message.messageId });
    setTimeout(() => socket.emit("in-transit", message), 20);
    setTimeout(() => {
      console.log("delivered", message.order.orderId);
      socket.emit("delivered", message);
    }, 40);
  });
}

if (role === "driver") driver();
else store();
