/**
 * What a team writes first: a Socket.IO server that passes on to a store's socket what is published for it. It keeps nothing, checks
 * nothing, and forgets whoever is away. Two ways: a frame of many events as bytes; a packet for each, that its consumer acknowledges.
 */
import { createServer } from "node:http";
import { decodeFrame, encodeFrame } from "@waybill/events";
import { Server, type Socket } from "socket.io";
import { z } from "zod";
import { gather } from "../gather.ts";

const frameHeaderSchema = z.object({ stores: z.array(z.string()) });
const eventSchema = z.looseObject({ store: z.string() });
type Ack = () => void;

type Reader = { socket: Socket; pass: (body: Uint8Array) => void };

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
const readers = new Map<string, Reader>();

io.on("connection", (socket) => {
  socket.on("join", (stores: string[], ack: Ack) => {
    const reader: Reader = {
      socket,
      pass: gather((bodies) => void socket.emit("frame", encodeFrame({}, bodies))),
    };
    for (const store of stores) {
      readers.set(store, reader);
      void socket.join(store);
    }
    ack();
  });
  socket.on("frame", (frame: Uint8Array, ack: Ack) => {
    const { header, bodies } = decodeFrame(frame);
    const { stores } = frameHeaderSchema.parse(header);
    for (const [index, body] of bodies.entries()) readers.get(stores[index] ?? "")?.pass(body);
    ack();
  });
  socket.on("event", (event: unknown, ack: Ack) => {
    readers.get(eventSchema.parse(event).store)?.socket.emit("event", event, () => {});
    ack();
  });
  socket.on("position", (position: { store: string }) => void io.to(position.store).volatile.emit("position", position));
  socket.on("sync", (ack: Ack) => ack());
});

// As the hub has it: thousands come back at once.
const BACKLOG = 4_096;
http.listen(Number(process.argv[2] ?? 0), "127.0.0.1", BACKLOG, () => {
  const address = http.address();
  if (typeof address === "object" && address !== null)
    process.stdout.write(`${JSON.stringify({ msg: "ready", url: `http://127.0.0.1:${address.port}` })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
