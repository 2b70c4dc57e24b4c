import type { Settle } from "@waybill/events";

/** What became of a delivery. */
export type Verdict =
  | { kind: "ack" }
  | { kind: "nack"; delayMs?: number; reason?: string }
  | { kind: "reject"; reason: string }
  /** Handed back, uncounted. */
  | { kind: "withdraw" };

export const ACK: Verdict = { kind: "ack" };
export const WITHDRAW: Verdict = { kind: "withdraw" };

type Range = [number, number];

/** Tokens as ranges, both ends included. */
export function toRanges(tokens: number[]): Range[] {
  const ranges: Range[] = [];
  let last: Range | undefined;
  for (const token of tokens.sort((a, b) => a - b)) {
    if (last !== undefined && token <= last[1] + 1) {
      last[1] = token;
    } else {
      last = [token, token];
      ranges.push(last);
    }
  }
  return ranges;
}

/** As JSON, at most: a range of tokens, and what stands around a failure's reason. */
const RANGE_BYTES = 40;
const NACK_BYTES = 64;
/** A character that JSON escapes. */
const CHAR_BYTES = 6;

/** Gathers what became of one subscription's deliveries, for one message a turn. */
export class SettleBuffer {
  #acks: number[] = [];
  #extends: number[] = [];
  #withdraws: number[] = [];
  #started: number[] = [];
  #nacks: NonNullable<Settle["nacks"]> = [];
  #rejects: NonNullable<Settle["rejects"]> = [];

  /** At most, of its message as JSON. */
  bytes = 0;

  add(token: number, verdict: Verdict): void {
    this.bytes += "reason" in verdict ? NACK_BYTES + CHAR_BYTES * (verdict.reason?.length ?? 0) : RANGE_BYTES;
    if (verdict.kind === "ack") this.#acks.push(token);
    else if (verdict.kind === "withdraw") this.#withdraws.push(token);
    else if (verdict.kind === "reject") this.#rejects.push({ token, reason: verdict.reason });
    else {
      const { delayMs, reason } = verdict;
      this.#nacks.push({ token, ...(delayMs === undefined ? {} : { delayMs }), ...(reason === undefined ? {} : { reason }) });
    }
  }

  started(token: number): void {
    this.bytes += RANGE_BYTES;
    this.#started.push(token);
  }

  extend(token: number): void {
    this.bytes += RANGE_BYTES;
    this.#extends.push(token);
  }

  /** The message's fields, and an empty buffer; `null`: nothing to tell. */
  take(): Omit<Settle, "sub" | "epoch"> | null {
    const message: Omit<Settle, "sub" | "epoch"> = {};
    if (this.#acks.length > 0) message.acks = toRanges(this.#acks);
    if (this.#nacks.length > 0) message.nacks = this.#nacks;
    if (this.#rejects.length > 0) message.rejects = this.#rejects;
    if (this.#extends.length > 0) message.extends = toRanges(this.#extends);
    if (this.#withdraws.length > 0) message.withdraws = toRanges(this.#withdraws);
    if (this.#started.length > 0) message.started = toRanges(this.#started);
    this.clear();
    return Object.keys(message).length === 0 ? null : message;
  }

  clear(): void {
    this.bytes = 0;
    this.#acks = [];
    this.#extends = [];
    this.#withdraws = [];
    this.#started = [];
    this.#nacks = [];
    this.#rejects = [];
  }
}
