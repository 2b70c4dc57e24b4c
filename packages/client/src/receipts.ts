/**
 * What became of events at the hub? Each offset that somebody waits for is in one question at a time:
 *
 *   wanted ── a question goes out ──► asked ── settled, dead or trimmed ──► told
 *                                          ── not yet, or the connection is gone ──► wanted
 *                                          ── refused for good ──► alone in its next question, then told why
 */
import { HubError, limits, type ReceiptState } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import type { Link } from "./link.ts";
import { asError } from "./listeners.ts";
import { Timers } from "./timers.ts";
import type { Receipt } from "./types.ts";

type Waiter = { resolve: (outcome: "processed" | "dead") => void; reject: (why: Error) => void };
type Wanted = { waiters: Set<Waiter>; isAsked: boolean; isAlone: boolean };

/** Who this client is to the hub. Asked for over a connection, which there is only with an open outbox. */
export type Introduce = () => { producer: string; incarnation: number };

/** Below what the hub allows a socket, so that questions without waiting always have room. */
const QUESTIONS_MAX = 48;
/** With many questions out, they are short: what comes in meanwhile needs its turn. */
const SHORT_MS = 1_000;

export class Receipts {
  readonly #introduce: Introduce;
  readonly #timers = new Timers();
  readonly #queues = new Map<string, Map<number, Wanted>>();
  #link: Link | null = null;
  #greeted: { link: Link; done: Promise<void> } | null = null;
  #questions = 0;
  #failures = 0;
  #isDue = false;
  /** Of the hub that gave the offsets. */
  #storageId: string | null = null;

  constructor(introduce: Introduce) {
    this.#introduce = introduce;
  }

  up(link: Link): void {
    const { storageId } = link.welcome;
    if (this.#storageId !== null && this.#storageId !== storageId) {
      const message = "The hub was restored from a backup: the event that was asked about may be gone, and its offset another's.";
      this.#rejectAll(new HubError("HUB_LOST", message));
    }
    this.#storageId = storageId;
    this.#link = link;
    this.#questions = 0;
    this.#pumpSoon();
  }

  down(): void {
    this.#link = null;
    this.#greeted = null;
    for (const offsets of this.#queues.values()) for (const wanted of offsets.values()) wanted.isAsked = false;
  }

  end(why: Error): void {
    this.#timers.clear();
    this.#link = null;
    this.#rejectAll(why);
  }

  /** Resolves when `main` has settled the event, or when it became a dead letter; asks again over as many connections as it takes. */
  outcome({ queue, offset }: { queue: string; offset: number }, signal?: AbortSignal): Promise<"processed" | "dead"> {
    return new Promise((resolve, reject) => {
      const offsets = this.#queues.get(queue) ?? new Map<number, Wanted>();
      this.#queues.set(queue, offsets);
      const wanted = offsets.get(offset) ?? { waiters: new Set(), isAsked: false, isAlone: false };
      offsets.set(offset, wanted);
      const leave = (): void => {
        wanted.waiters.delete(waiter);
        signal?.removeEventListener("abort", leave);
        if (wanted.waiters.size === 0) this.#forget(queue, offset);
      };
      const waiter: Waiter = {
        resolve: (outcome) => {
          leave();
          resolve(outcome);
        },
        reject: (why) => {
          leave();
          reject(why);
        },
      };
      wanted.waiters.add(waiter);
      signal?.addEventListener("abort", leave, { once: true });
      this.#pumpSoon();
    });
  }

  /** Over this connection, at once. */
  async ask(link: Link, queue: string, offsets: readonly number[]): Promise<Receipt[]> {
    await this.#greet(link);
    const found: Receipt[] = [];
    for (let from = 0; from < offsets.length; from += limits.receiptsMax) {
      const { receipts } = await link.request("receipts", { queue, offsets: offsets.slice(from, from + limits.receiptsMax) });
      found.push(...receipts.map(({ offset, state }) => ({ queue, offset, state })));
    }
    return found;
  }

  /** The hub tells a producer of its own events: it has to know who asks. */
  #greet(link: Link): Promise<void> {
    if (this.#greeted?.link === link) return this.#greeted.done;
    const done = link.request("hello", this.#introduce()).then(() => {});
    done.catch(() => {
      if (this.#greeted?.link === link) this.#greeted = null;
    });
    this.#greeted = { link, done };
    return done;
  }

  #pumpSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    const link = this.#link;
    if (link === null) return;
    for (const [queue, offsets] of this.#queues) {
      while (this.#questions < QUESTIONS_MAX) {
        const some = next(offsets);
        if (some.length === 0) break;
        void this.#question(link, queue, some);
      }
    }
  }

  async #question(link: Link, queue: string, offsets: readonly number[]): Promise<void> {
    this.#questions += 1;
    const isLong = this.#questions <= QUESTIONS_MAX / 2;
    // Half of the patience with an answer: one that waits is no lost one.
    const waitMs = Math.min(limits.receiptWaitMsMax, isLong ? link.answerMs / 2 : SHORT_MS);
    this.#mark(queue, offsets, true);
    let pauseMs = 0;
    try {
      await this.#greet(link);
      const { receipts } = await link.request("receipts", { queue, offsets: [...offsets], waitMs: Math.floor(waitMs) });
      this.#failures = 0;
      for (const { offset, state } of receipts) this.#told(queue, offset, state);
    } catch (error) {
      if (link !== this.#link) return; // `up` asks again.
      if (error instanceof HubError && error.retry === "never") this.#refused(queue, offsets, error);
      else pauseMs = backoffMs(this.#failures++, 100, 10_000);
    }
    if (link !== this.#link) return;
    this.#timers.after(pauseMs, () => {
      if (link !== this.#link) return;
      this.#questions -= 1;
      this.#mark(queue, offsets, false);
      this.#pumpSoon();
    });
  }

  #mark(queue: string, offsets: readonly number[], isAsked: boolean): void {
    for (const offset of offsets) {
      const wanted = this.#queues.get(queue)?.get(offset);
      if (wanted !== undefined) wanted.isAsked = isAsked;
    }
  }

  #told(queue: string, offset: number, state: ReceiptState): void {
    if (state === "pending" || state === "stuck") return;
    const outcome = state === "dead" ? "dead" : "processed";
    for (const waiter of this.#queues.get(queue)?.get(offset)?.waiters ?? []) waiter.resolve(outcome);
  }

  /** One of them is not ours, or not there: each is asked alone, and who is refused alone is told. */
  #refused(queue: string, offsets: readonly number[], why: HubError): void {
    for (const offset of offsets) {
      const wanted = this.#queues.get(queue)?.get(offset);
      if (wanted === undefined) continue;
      wanted.isAlone = true;
      if (offsets.length === 1) for (const waiter of [...wanted.waiters]) waiter.reject(why);
    }
  }

  #forget(queue: string, offset: number): void {
    const offsets = this.#queues.get(queue);
    offsets?.delete(offset);
    if (offsets?.size === 0) this.#queues.delete(queue);
  }

  #rejectAll(why: Error): void {
    for (const offsets of [...this.#queues.values()]) {
      for (const { waiters } of [...offsets.values()]) for (const waiter of [...waiters]) waiter.reject(asError(why));
    }
  }
}

/** The next offsets of a queue that are in no question; one that was refused among others goes alone. */
function next(offsets: ReadonlyMap<number, Wanted>): number[] {
  const some: number[] = [];
  for (const [offset, { isAsked, isAlone }] of offsets) {
    if (isAsked) continue;
    if (isAlone && some.length === 0) return [offset];
    if (!isAlone) some.push(offset);
    if (some.length === limits.receiptsMax) break;
  }
  return some;
}
