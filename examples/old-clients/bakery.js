// On the root namespace, with a small library: { messageID, payload }, sent again until it is answered; receipts in lists.
import { io } from "socket.io-client";

const [server, role, orders = "0", prefix = "bread"] = process.argv.slice(2);

class MessageQueue {
  constructor(id) {
    this.id = id;
    this.received = [];
    this.socket = io(server, { reconnectionDelay: 100 });
  }

  subscribe(event, handler) {
    this.socket.on(event, ({ messageID, payload }) => {
      handler(payload);
      this.received.push(messageID);
      clearTimeout(this.flushing);
      this.flushing = setTimeout(() => this.socket.emit("received", this.received.splice(0)), 30);
    });
  }

  // The same message id each time: whoever keeps the queue can tell that it is the same message.
  async publish(event, payload, messageID = crypto.randomUUID()) {
    try {
      await this.socket.timeout(2_000).emitWithAck(event, { messageID, payload });
    } catch {
      await this.publish(event, payload, messageID);
    }
  }
}

if (role === "driver") {
  // Says nothing of itself: its own server sent every pickup to everybody, and its queue was only the stores'.
  const queue = new MessageQueue("driver");
  queue.subscribe("pickup", async (payload) => {
    queue.socket.emit("join", payload);
    await queue.publish("inTransit", payload);
    console.log("delivered", payload.id);
    await queue.publish("delivered", payload);
  });
} else {
  const queue = new MessageQueue("the-bakery");
  queue.socket.on("connect", () => queue.socket.emit("getall", queue.id));
  queue.subscribe("inTransit", () => {});
  queue.subscribe("delivered", (payload) => console.log("thank you", payload.id));
  for (let number = 1; number <= Number(orders); number += 1) {
    const id = `${prefix}-${number}`;
    console.log("ordered", id);
    void queue.publish("pickup", { storeName: queue.id, id, name: "Clara Daniel", address: "941 Simonis Station" });
  }
}
