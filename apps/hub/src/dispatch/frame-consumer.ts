import { type DeliverPart, encodeFrame, limits } from "@waybill/events";
import type { Credit, DeliveryItem } from "@waybill/queue";
import type { Socket } from "socket.io";
import type { Consumer } from "./consumer.ts";
import { refOf } from "./entry.ts";
import { type FrameDesk, ROW_BYTES } from "./frame-desk.ts";

/** A consumer that speaks frames: many events in one binary message, their bodies as they were published. */
export function createFrameConsumer(options: {
  socket: Socket;
  /** Of its connection; `null`: the peer speaks version 1, and each frame is one subscription's. */
  desk: FrameDesk | null;
  sub: number;
  epoch: number;
  instance: string;
  by: string;
  credit: Credit;
}): Consumer {
  const { socket, desk, sub, epoch } = options;
  const send = (part: DeliverPart, bodies: readonly Uint8Array[]): void => {
    if (desk) desk.add(part, bodies);
    else socket.emit("deliver", encodeFrame({ ...part, epoch }, bodies));
  };
  /** Behind all that was delivered. */
  const tell = (name: "lost" | "reset" | "gap", notice: object): void => {
    desk?.flush();
    socket.emit(name, { sub, ...notice });
  };
  return {
    instance: options.instance,
    by: options.by,
    mode: "frames",
    credit: options.credit,
    deliver(first, items, generation) {
      for (let from = 0; from < items.length; ) {
        const to = frameEnd(items, from);
        const part = items.slice(from, to);
        send(
          { sub, generation, first: first + from, events: part.map(headerRow) },
          part.map((item) => refOf(item.entry).body),
        );
        from = to;
      }
    },
    lost: (lostEpoch, tokens) => tell("lost", { epoch: lostEpoch, tokens }),
    reset: (generation, floor) => tell("reset", { generation, floor }),
    gap: (from, to) => tell("gap", { from, to }),
    // Not socket.disconnect(): after that a Socket.IO client never comes back by itself.
    abandon: () => socket.conn.close(),
  };
}

/** Where the frame that starts at `from` has to end to keep the limit; one event always fits. */
function frameEnd(items: readonly DeliveryItem[], from: number): number {
  let bytes = 0;
  for (let at = from; at < items.length; at += 1) {
    bytes += (items[at]?.entry.bytes ?? 0) + ROW_BYTES;
    if (bytes > limits.deliverBytesMax && at > from) return at;
  }
  return items.length;
}

/** `[offset, recordedAt, failed, interrupted, redrive, homeOffset]` without trailing zeros. */
function headerRow({ entry, failed, interrupted, redrive }: DeliveryItem): number[] {
  const row = [entry.offset, entry.recordedAtMs, failed, interrupted, redrive, refOf(entry).homeOffset];
  while (row.length > 2 && row[row.length - 1] === 0) row.pop();
  return row;
}
