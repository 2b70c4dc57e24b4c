/** A vendor in a process of its own, which one event kills each time: `crashing-vendor.ts URL TOKEN sdk|plain CULPRIT`. Says what it handles as JSON lines. */
import { writeSync } from "node:fs";
import { createVendor } from "@waybill/client";
import { io } from "socket.io-client";

const [url = "", token = "", how, culprit] = process.argv.slice(2);

function handle(id: string, attempt: number): void {
  if (id === culprit) process.kill(process.pid, "SIGKILL");
  writeSync(1, `${JSON.stringify({ handled: id, attempt })}\n`);
}

if (how === "sdk") {
  const vendor = createVendor({ url, token, reconnectMs: 20, reconnectMsMax: 100 });
  vendor.onOther((event, { attempt }) => handle(event.id, attempt));
  await vendor.start();
} else {
  const socket = io(`${url}/vendor`, { auth: { token }, reconnectionDelay: 20, reconnectionDelayMax: 100 });
  socket.on("connect", () => socket.emit("subscribe", {}, () => {}));
  socket.on("pickup", ({ id, attempt }: { id: string; attempt: number }, ack: () => void) => {
    handle(id, attempt);
    ack();
  });
}
