import { limits, plainSettleSchema, type Settle } from "@waybill/events";
import type { Credit, DeliveryItem } from "@waybill/queue";
import { sendText } from "../edge/texts.ts";
import type { Consumer, Peer } from "./consumer.ts";
import { DeliveryPacket, type PlainPlace, plainPlaceOf } from "./plain-delivery.ts";

const plainCredit: Credit = { events: limits.plainCreditEventsMax, bytes: limits.creditBytesMax };

/** Whom it tells what became of an event. */
export interface SettledBy {
  readonly key: { readonly queue: string };
  settle(consumer: Consumer, settle: Omit<Settle, "sub">): void;
  /** A token of this epoch. */
  acked(consumer: Consumer, token: number): void;
}

/**
 * A consumer on a bare Socket.IO client: one Socket.IO event per delivery, settled by its acknowledgement.
 * One event per key in hand, 32 in all. Without an answer the lease ends and the engine counts it as failed.
 */
export class PlainConsumer implements Consumer {
  readonly #peer: Peer;
  readonly #runner: SettledBy;
  readonly #leaseMs: number;
  readonly #place: PlainPlace;
  readonly instance: string;
  credit = plainCredit;
  seat = 0;

  constructor(peer: Peer, { runner, instance, leaseMs }: { runner: SettledBy; instance: string; leaseMs: number }) {
    this.#peer = peer;
    this.#runner = runner;
    this.#leaseMs = leaseMs;
    this.#place = plainPlaceOf(peer.socket.nsp.name, runner.key.queue);
    this.instance = instance;
  }

  get by(): string {
    return this.#peer.by;
  }

  get mode(): "plain" {
    return "plain";
  }

  deliver(first: number, items: readonly DeliveryItem[]): void {
    const sentMs = this.#peer.answers.expect(this.#leaseMs);
    let token = first;
    for (const item of items) {
      this.#deliverOne(token, item, sentMs);
      token += 1;
    }
    this.#peer.delivered();
  }

  /** A plain client has no word for it; its late answer changes nothing. */
  lost(): void {}

  reset(): void {}

  gap(from: number, to: number): void {
    this.#peer.socket.emit("gap", { queue: this.#runner.key.queue, from, to });
  }

  abandon(): void {
    this.#peer.socket.conn.close();
  }

  #deliverOne(token: number, item: DeliveryItem, sentMs: number): void {
    const { socket, answers } = this.#peer;
    const id = answers.add((answer) => this.#answered(token, sentMs, answer));
    sendText(socket, new DeliveryPacket(this.#place, id, item));
  }

  #answered(token: number, sentMs: number, answer: unknown): void {
    const { answers, epoch } = this.#peer;
    if (answers.isLate(sentMs, this.#leaseMs)) return; // The lease ended by the engine's own count.
    const settle = settleOf(token, answer);
    if (settle === null) this.#runner.acked(this, token);
    else this.#runner.settle(this, { epoch, ...settle });
  }
}

/** `null`: handled, which nothing means, and anything that is none of the three forms. */
function settleOf(token: number, answer: unknown): Omit<Settle, "sub" | "epoch"> | null {
  // Most say nothing at all, and what the schema has to find wrong with that costs more than all the rest of an ack.
  const parsed = typeof answer === "object" ? plainSettleSchema.safeParse(answer) : null;
  if (!parsed?.success) return null;
  const body = parsed.data;
  if ("decline" in body) return { withdraws: [[token, token]] };
  if ("reject" in body) return { rejects: [{ token, reason: body.reject.slice(0, limits.reasonCharsMax) }] };
  return {
    nacks: [{ token, reason: body.nack.slice(0, limits.reasonCharsMax), ...(body.delayMs === undefined ? {} : { delayMs: body.delayMs }) }],
  };
}
