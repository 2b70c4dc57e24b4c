import { HubError, limits, plainSettleSchema, type Settle } from "@waybill/events";
import type { Credit, DeliveryItem } from "@waybill/queue";
import { sendText, type TextPacket } from "../edge/texts.ts";
import type { Consumer, Peer } from "./consumer.ts";
import { refOf } from "./entry.ts";

const plainCredit: Credit = { events: limits.plainCreditEventsMax, bytes: limits.creditBytesMax };

/** Whom it tells what became of an event. */
export interface SettledBy {
  readonly key: { readonly queue: string };
  settle(consumer: Consumer, settle: Omit<Settle, "sub">): void;
}

/**
 * A consumer on a bare Socket.IO client: one Socket.IO event per delivery, settled by its acknowledgement.
 * One event per key in hand, 32 in all. Without an answer the lease ends and the engine counts it as failed.
 */
export class PlainConsumer implements Consumer {
  readonly #peer: Peer;
  readonly #runner: SettledBy;
  readonly #leaseMs: number;
  readonly instance: string;
  credit = plainCredit;
  seat = 0;

  constructor(peer: Peer, { runner, instance, leaseMs }: { runner: SettledBy; instance: string; leaseMs: number }) {
    this.#peer = peer;
    this.#runner = runner;
    this.#leaseMs = leaseMs;
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
    const { socket, epoch, answers } = this.#peer;
    const id = answers.add((answer) => {
      if (answers.isLate(sentMs, this.#leaseMs)) return; // The lease ended by the engine's own count.
      this.#runner.settle(this, { epoch, ...settleOf(token, answer) });
    });
    sendText(socket, deliveryOf(item, this.#runner.key.queue, `2${socket.nsp.name},${id}`));
  }
}

const CLOSING_BRACE = 0x7d;

/** A `PlainDelivery`: the event as its publisher wrote it, and where it stands. It was parsed once, to check it, and is not parsed again. */
function deliveryOf({ entry, failed, interrupted, redrive }: DeliveryItem, queue: string, head: string): TextPacket {
  const json = refOf(entry).body;
  const end = json[json.length - 1] === CLOSING_BRACE ? json.length - 1 : json.lastIndexOf(CLOSING_BRACE);
  if (end < 0) throw new HubError("INTERNAL", `Event ${entry.offset} of ${queue} is no JSON object.`);
  const where = `"queue":"${queue}","offset":${entry.offset},"recordedAt":${entry.recordedAtMs},"attempt":${failed + interrupted + 1}`;
  return { head: `${head}["${entry.type}",`, json, end, tail: `,${where}${redrive > 0 ? `,"redrive":${redrive}` : ""}}]` };
}

/** Nothing, or anything that is none of the three forms, means handled. */
function settleOf(token: number, answer: unknown): Omit<Settle, "sub" | "epoch"> {
  // Most say nothing at all, and what the schema has to find wrong with that costs more than all the rest of an ack.
  const parsed = typeof answer === "object" ? plainSettleSchema.safeParse(answer) : null;
  if (!parsed?.success) return { acks: [[token, token]] };
  const body = parsed.data;
  if ("decline" in body) return { withdraws: [[token, token]] };
  if ("reject" in body) return { rejects: [{ token, reason: body.reject.slice(0, limits.reasonCharsMax) }] };
  return {
    nacks: [{ token, reason: body.nack.slice(0, limits.reasonCharsMax), ...(body.delayMs === undefined ? {} : { delayMs: body.delayMs }) }],
  };
}
