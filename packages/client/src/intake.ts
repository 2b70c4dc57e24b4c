/**
 * Which handler runs when? One intake stands behind each `start`, `deliveries` and `offers`, over all its seats:
 * parcels take turns, so many at once, never two events of one parcel.
 *
 * Before handlers run, the hub is told that they start, so that a crash is blamed on them and not on what waits beside
 * them. So they start in bursts: few enough to be blamed together, many enough to share one message. Handlers that are over
 * when they return, and quickly, run one after the other: their bursts grow, since the message is what costs then.
 * In such a burst they run in the order in which they came, also two of one parcel, the second where the first is over by then: what is
 * acked is one range. Where each waited for its parcel's turn, a message had a range for every event, and a tenth of a catch-up went into those.
 */
import type { InHand } from "./in-hand.ts";
import type { Link } from "./link.ts";
import { asError } from "./listeners.ts";
import type { Seat } from "./seat.ts";
import { WITHDRAW } from "./settle-buffer.ts";
import { soon } from "./soon.ts";

/** Handlers told of in one message: at first, and at most, when they are over as they return. */
const BURST = 16;
const BURST_MAX = 256;
/** A burst that was over by then is followed by a larger one; one that takes long by a small one, and what is left of it waits. */
const QUICK_MS = 5;
const LONG_MS = 20;

export type IntakeOptions = {
  /** Its return, or its promise's, is the end of the work. Throws: nack. */
  handle: (item: InHand) => unknown;
  /** Handlers at once. A function where the program asks for each delivery. */
  concurrency: () => number;
  /** What to make of a handler's return. */
  returned: (item: InHand) => void;
  /** What to make of a handler's error. */
  threw: (item: InHand, error: Error) => void;
  /** Nothing more will come. */
  closed?: () => void;
};

export class Intake {
  readonly seats: Seat[] = [];
  /** Nothing new is started; what arrives goes back. */
  isClosing = false;
  readonly #options: IntakeOptions;
  /** In the order in which they came; what stands behind another of its parcel is not here. */
  #ready: InHand[] = [];
  #readyHead = 0;
  #holdsGone = false;
  #news: Seat[] = [];
  #running = 0;
  #burst = BURST;
  #isPumping = false;
  #isScheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** It waits for its turn. */
  ready(item: InHand): void {
    if (this.#holdsGone) this.#sweep();
    this.#ready.push(item);
  }

  /** Some that wait here are out of hand. Where nothing starts, nobody would take them out: they go before the next one comes. */
  holdsGone(): void {
    this.#holdsGone = true;
  }

  /** Events that wait for their turn. */
  get waiting(): number {
    return this.#ready.length - this.#readyHead;
  }

  /** Starts what may start now. */
  pump(): void {
    if (this.#isPumping || this.isClosing) return;
    this.#isPumping = true;
    const burst = this.#takeBurst();
    if (burst.length > 0) {
      this.flush();
      this.#runAll(burst);
    }
    this.#isPumping = false;
    if (this.waiting > 0 && this.#free() > 0) this.pumpSoon();
  }

  pumpSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    soon(() => {
      this.#isScheduled = false;
      this.pump();
      // Where more starts soon, what is settled goes out with the news of that.
      if (!this.#isScheduled) this.flush();
    });
  }

  /** This seat has something to tell the hub: with the next message. */
  hasNews(seat: Seat): void {
    if (!seat.hasNews) {
      seat.hasNews = true;
      this.#news.push(seat);
    }
    if (!this.#isPumping) this.pumpSoon();
  }

  flush(): void {
    const news = this.#news;
    if (news.length === 0) return;
    this.#news = [];
    let link: Link | null = null;
    for (const seat of news) {
      seat.hasNews = false;
      link = seat.flush() ?? link;
    }
    link?.flush(); // All seats are on their client's connection.
  }

  /** For good. */
  async stop(): Promise<void> {
    this.close();
    await this.finish();
  }

  /** Hands back what was not started; resolves when the last handler is done. */
  async finish(): Promise<void> {
    for (const seat of this.seats) seat.handBackWaiting();
    this.flush();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.flush();
  }

  close(): void {
    this.isClosing = true;
    this.#ready = [];
    this.#readyHead = 0;
    this.#options.closed?.();
  }

  /** How many may start. More than `concurrency` has room for only where handlers were over before the next began. */
  #free(): number {
    const free = this.#options.concurrency() - this.#running;
    return free > 0 && this.#burst > BURST ? this.#burst : Math.min(BURST, free);
  }

  #takeBurst(): InHand[] {
    const burst: InHand[] = [];
    const isOneByOne = this.#burst > BURST;
    for (let free = this.#free(); free > 0 && this.waiting > 0; ) {
      const item = this.#ready[this.#readyHead++];
      if (item === undefined) break;
      if (!this.#mayBegin(item)) continue;
      // It may go on: the next of its parcel gets its turn when it is over.
      if (!isOneByOne) item.order.begin(item);
      burst.push(item);
      free -= 1;
    }
    if (this.#readyHead > 1_024 || this.waiting === 0) {
      this.#ready = this.#ready.slice(this.#readyHead);
      this.#readyHead = 0;
    }
    for (const item of burst) item.desk.started(item);
    return burst;
  }

  #runAll(burst: readonly InHand[]): void {
    const sinceMs = performance.now();
    const concurrency = this.#options.concurrency();
    const runningBefore = this.#running;
    let tookMs = 0;
    let at = 0;
    for (const item of burst) {
      if (at % BURST === 0) tookMs = performance.now() - sinceMs;
      if (this.#running >= concurrency || this.isClosing || tookMs > LONG_MS) break;
      at += 1;
      if (this.#mayBegin(item)) this.#run(item);
    }
    if (at < burst.length) this.#waitAgain(burst.slice(at));
    tookMs = performance.now() - sinceMs;
    if (this.#running > runningBefore || tookMs > LONG_MS) this.#burst = BURST;
    else if (tookMs < QUICK_MS && burst.length >= Math.min(this.#burst, concurrency)) this.#burst = Math.min(2 * this.#burst, BURST_MAX);
  }

  /** Not out of hand by now, as when an earlier one of its parcel failed; and not behind another that goes on. */
  #mayBegin(item: InHand): boolean {
    if (item.isInHand) return !item.order.waits(item);
    this.#leave(item);
    return false;
  }

  /** The hub was told that they start, and they will: first of those that wait. */
  #waitAgain(items: readonly InHand[]): void {
    this.#ready = [...items, ...this.#ready.slice(this.#readyHead)];
    this.#readyHead = 0;
    if (this.isClosing) for (const item of this.#ready.splice(0)) if (item.isInHand) item.over(WITHDRAW);
  }

  /** It is over, or out of hand: the next of its parcel has its turn. */
  #leave(item: InHand): void {
    const next = item.order.next(item);
    if (next !== null) this.ready(next);
  }

  #sweep(): void {
    this.#holdsGone = false;
    const ready = this.#ready.slice(this.#readyHead);
    this.#ready = [];
    this.#readyHead = 0;
    for (const item of ready) {
      if (item.isInHand) this.#ready.push(item);
      else this.#leave(item);
    }
  }

  /** A handler that returns no promise costs none. */
  #run(item: InHand): void {
    this.#running += 1;
    item.isRunning = true;
    try {
      const result = this.#options.handle(item);
      if (isPromise(result)) {
        item.order.begin(item);
        result.then(
          () => this.#returned(item),
          (error: unknown) => this.#threw(item, error),
        );
      } else {
        this.#returned(item);
      }
    } catch (error) {
      this.#threw(item, error);
    }
  }

  #returned(item: InHand): void {
    this.#options.returned(item);
    this.#done(item);
  }

  #threw(item: InHand, error: unknown): void {
    this.#options.threw(item, asError(error));
    this.#done(item);
  }

  #done(item: InHand): void {
    this.#running -= 1;
    item.isRunning = false;
    this.#leave(item);
    if (this.#running === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
    if (!this.#isScheduled) this.pumpSoon();
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
