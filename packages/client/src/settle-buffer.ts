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

type Range = [from: number, to: number];

/** Tokens as ranges, both ends included. What is handled in its order is one range from the start. */
export class TokenRanges {
  #ranges: Range[] = [];
  #last: Range | null = null;

  /** Whether it began a range of its own, as far as is known yet. */
  add(token: number): boolean {
    if (this.#last !== null && token === this.#last[1] + 1) {
      this.#last[1] = token;
      return false;
    }
    this.#last = [token, token];
    if (this.isEmpty) this.#ranges = [this.#last];
    else this.#ranges.push(this.#last);
    return true;
  }

  get isEmpty(): boolean {
    return this.#last === null;
  }

  /** As JSON: ascending, none touches the next. From here on there are none. */
  take(): string {
    const ranges = this.#ranges;
    this.clear();
    let json = "";
    for (const [from, to] of ranges.length < 2 ? ranges : joined(ranges)) json += `${json === "" ? "" : ","}[${from},${to}]`;
    return `[${json}]`;
  }

  clear(): void {
    this.#ranges = [];
    this.#last = null;
  }
}

function joined(ranges: Range[]): Range[] {
  ranges.sort(([a], [b]) => a - b);
  const joined: Range[] = [];
  let last: Range | undefined;
  for (const range of ranges) {
    if (last !== undefined && range[0] <= last[1] + 1) {
      last[1] = Math.max(last[1], range[1]);
    } else {
      last = range;
      joined.push(range);
    }
  }
  return joined;
}

/** As JSON, at most: a range of tokens, and what stands around a failure's reason. */
const RANGE_BYTES = 40;
const NACK_BYTES = 64;
/** A character that JSON escapes. */
const CHAR_BYTES = 6;

/** Gathers what became of one subscription's deliveries, for one message a turn. */
export class SettleBuffer {
  readonly #acks = new TokenRanges();
  readonly #extends = new TokenRanges();
  readonly #withdraws = new TokenRanges();
  readonly #started = new TokenRanges();
  #nacks: NonNullable<Settle["nacks"]> = [];
  #rejects: NonNullable<Settle["rejects"]> = [];

  /** At most, of its message as JSON. */
  bytes = 0;

  add(token: number, verdict: Verdict): void {
    if (verdict.kind === "ack") this.#add(this.#acks, token);
    else if (verdict.kind === "withdraw") this.#add(this.#withdraws, token);
    else {
      this.bytes += NACK_BYTES + CHAR_BYTES * (verdict.reason?.length ?? 0);
      if (verdict.kind === "reject") this.#rejects.push({ token, reason: verdict.reason });
      else {
        const { delayMs, reason } = verdict;
        this.#nacks.push({ token, ...(delayMs === undefined ? {} : { delayMs }), ...(reason === undefined ? {} : { reason }) });
      }
    }
  }

  started(token: number): void {
    this.#add(this.#started, token);
  }

  extend(token: number): void {
    this.#add(this.#extends, token);
  }

  /** A `Settle` as JSON, and an empty buffer; `null`: nothing to tell. */
  take(sub: number, epoch: number): string | null {
    if (this.bytes === 0) return null;
    let fields = `"sub":${sub},"epoch":${epoch}`;
    if (!this.#acks.isEmpty) fields += `,"acks":${this.#acks.take()}`;
    if (this.#nacks.length > 0) fields += `,"nacks":${JSON.stringify(this.#nacks)}`;
    if (this.#rejects.length > 0) fields += `,"rejects":${JSON.stringify(this.#rejects)}`;
    if (!this.#extends.isEmpty) fields += `,"extends":${this.#extends.take()}`;
    if (!this.#withdraws.isEmpty) fields += `,"withdraws":${this.#withdraws.take()}`;
    if (!this.#started.isEmpty) fields += `,"started":${this.#started.take()}`;
    this.#reset();
    return `{${fields}}`;
  }

  clear(): void {
    for (const ranges of [this.#acks, this.#extends, this.#withdraws, this.#started]) ranges.clear();
    this.#reset();
  }

  #reset(): void {
    this.bytes = 0;
    if (this.#nacks.length > 0) this.#nacks = [];
    if (this.#rejects.length > 0) this.#rejects = [];
  }

  #add(ranges: TokenRanges, token: number): void {
    if (ranges.add(token)) this.bytes += RANGE_BYTES;
  }
}
