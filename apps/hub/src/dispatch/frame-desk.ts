/**
 * What goes to one connection in a turn of the loop leaves as one `delivers` frame: a store chain's vendor has a hundred
 * subscriptions, and a message for each of them costs more than the events in it.
 *
 *   empty ── a part is added ──► gathering ── all who have their turn had it, or the frame is full, or something else is told ──► empty
 */
import { limits } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { Socket } from "socket.io";
import { sendBytes } from "../edge/bytes-event.ts";
import { sendNow } from "../edge/turn-end.ts";
import { DeliverFrame, deliversText } from "./deliver-frame.ts";
import { refOf } from "./entry.ts";

/** Roughly what an event's row takes in the header. */
export const ROW_BYTES = 48;

export type FrameDesk = {
  /** `part`: its JSON. `items`: those of its events, in their order. */
  add(part: string, items: readonly DeliveryItem[]): void;
  /** Sends what was gathered. Before anything is told that must not overtake a delivery. */
  flush(): void;
  /** Of what was gathered and is not sent yet. */
  waitingBytes(): number;
};

export const bodyOf = ({ entry }: DeliveryItem): Uint8Array => refOf(entry).body;

const frameBytesOf = (items: readonly DeliveryItem[]): number => items.reduce((sum, { entry }) => sum + entry.bytes + ROW_BYTES, 0);

export function createFrameDesk({ socket, epoch }: { socket: Socket; epoch: number }): FrameDesk {
  let parts: string[] = [];
  let lines: Uint8Array[] = [];
  let bytes = 0;

  const flush = () => {
    if (parts.length === 0) return;
    const frame = new DeliverFrame(deliversText(epoch, parts), lines);
    parts = [];
    lines = [];
    bytes = 0;
    sendBytes(socket, "delivers", frame);
    sendNow(socket.conn);
  };

  return {
    add(part, items) {
      const size = frameBytesOf(items);
      if (bytes + size > limits.deliverBytesMax) flush();
      if (parts.length === 0) queueMicrotask(flush);
      parts.push(part);
      for (const item of items) lines.push(bodyOf(item));
      bytes += size;
    },
    flush,
    waitingBytes: () => bytes,
  };
}
