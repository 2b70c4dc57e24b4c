import { type DeliverPart, limits } from "@waybill/events";
import type { Credit, DeliveryItem } from "@waybill/queue";
import { alone } from "../edge/bytes-event.ts";
import type { Consumer, Peer, TokenRange } from "./consumer.ts";
import { DeliverFrame, deliverText, partText } from "./deliver-frame.ts";
import { bodyOf, ROW_BYTES } from "./frame-desk.ts";

/** A consumer that speaks frames: many events in one binary message, their bodies as they were published. */
export class FrameConsumer implements Consumer {
  readonly #peer: Peer;
  readonly #sub: number;
  readonly instance: string;
  credit: Credit;
  seat = 0;

  constructor(peer: Peer, { sub, instance, credit }: { sub: number; instance: string; credit: Credit }) {
    this.#peer = peer;
    this.#sub = sub;
    this.instance = instance;
    this.credit = credit;
  }

  get by(): string {
    return this.#peer.by;
  }

  get mode(): "frames" {
    return "frames";
  }

  deliver(first: number, items: readonly DeliveryItem[], generation: number): void {
    for (let from = 0; from < items.length; ) {
      const to = frameEnd(items, from);
      const own = from === 0 && to === items.length ? items : items.slice(from, to);
      this.#send({ sub: this.#sub, generation, first: first + from }, own);
      from = to;
    }
    this.#peer.delivered();
  }

  lost(epoch: number, tokens: readonly TokenRange[]): void {
    this.#tell("lost", { epoch, tokens });
  }

  reset(generation: number, floor: number): void {
    this.#tell("reset", { generation, floor });
  }

  gap(from: number, to: number): void {
    this.#tell("gap", { from, to });
  }

  /** Not `socket.disconnect()`: after that a Socket.IO client never comes back by itself. */
  abandon(): void {
    this.#peer.socket.conn.close();
  }

  #send(part: Omit<DeliverPart, "events">, items: readonly DeliveryItem[]): void {
    const { desk, socket, epoch } = this.#peer;
    if (desk) desk.add(partText(part, items, "runs"), items);
    else socket.emit("deliver", alone(new DeliverFrame(deliverText(epoch, partText(part, items, "each")), items.map(bodyOf))));
  }

  /** Behind all that was delivered. */
  #tell(name: "lost" | "reset" | "gap", notice: object): void {
    const { desk, socket } = this.#peer;
    desk?.flush();
    socket.emit(name, { sub: this.#sub, ...notice });
  }
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
