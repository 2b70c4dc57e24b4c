import type { Socket } from "socket.io-client";
import { writeFrames } from "./own-frames.ts";

type Manager = Socket["io"];
type Engine = Manager["engine"];
type Packets = Parameters<Engine["transport"]["send"]>[0];
type Corkable = { cork(): void; uncork(): void };

/**
 * A message with bytes is two packets, and engine.io-client writes the first as soon as it has it: two system calls, and the hub wakes up
 * twice. Here both are handed over together. They are written before `emit` returns, as ever: who says that a handler starts may count on it.
 */
export function sendWhole(manager: Manager): void {
  const handOver = manager._packet.bind(manager);
  manager._packet = (packet) => inOneWrite(manager.engine, () => handOver(packet));
}

/** One message: its text, and the bytes that it announces. */
export function writeWhole(engine: Engine, text: string, bytes: Uint8Array | null = null): void {
  if (writeFrames(engine, text, bytes)) return;
  if (bytes === null) {
    engine.write(text);
    return;
  }
  inOneWrite(engine, () => {
    engine.write(text);
    engine.write(bytes);
  });
}

function inOneWrite(engine: Engine, write: () => void): void {
  const { transport } = engine;
  if (!transport.writable) {
    write();
    return;
  }
  transport.writable = false; // So the packets gather, as they do while earlier ones are on their way.
  try {
    write();
  } finally {
    transport.writable = true;
    (engine as unknown as Flushed).flush();
  }
}

/** Not a part of engine.io-client's public types. */
type Flushed = { flush(): void };

/**
 * What the client says in one turn leaves in few system calls: a vendor of a hundred stores has something to settle for each of them.
 * Only Node's websocket has a socket below that can be held back meanwhile; a browser sees to this by itself.
 */
export function writeAtOnce({ transport }: Engine): void {
  const send = transport.send.bind(transport);
  transport.send = (packets: Packets) => {
    const below = packets.length > 1 ? socketBelow(transport) : null;
    below?.cork();
    try {
      send(packets);
    } finally {
      below?.uncork();
    }
  };
}

/** Neither engine.io nor ws tells its type: whatever is not there is left alone. */
function socketBelow(transport: unknown): Corkable | null {
  const below = fieldOf(fieldOf(transport, "ws"), "_socket");
  return isCorkable(below) ? below : null;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const isCorkable = (value: unknown): value is Corkable =>
  typeof fieldOf(value, "cork") === "function" && typeof fieldOf(value, "uncork") === "function";
