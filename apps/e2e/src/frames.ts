import type { Socket } from "socket.io-client";

/** Frames as docs/PROTOCOL.md describes them: lines of JSON, made and taken apart by hand. */
export type DeliverFrame = {
  header: { sub: number; epoch: number; generation: number; first: number; events: number[][] };
  events: { id: string; parcel: string }[];
};

/** Header and events, a line each. */
export const frame = (...lines: unknown[]): Buffer => Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));

export function readFrame(bytes: unknown): DeliverFrame {
  if (!(bytes instanceof Uint8Array)) throw new Error("a frame is bytes");
  const [header, ...events] = Buffer.from(bytes).toString("utf8").split("\n");
  return { header: JSON.parse(header ?? ""), events: events.map((line) => JSON.parse(line)) };
}

/** The messages of one name, one after the other: each call waits for the next. */
export function collect<T>(socket: Socket, name: string, read: (body: unknown) => T): () => Promise<T> {
  const arrived: T[] = [];
  let wake = () => {};
  socket.on(name, (body: unknown) => {
    arrived.push(read(body));
    wake();
  });
  return async () => {
    for (;;) {
      const next = arrived.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
