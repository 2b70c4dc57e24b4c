/**
 * New events as they are stored, of some queues or of all. One long request says which queues grew, and only those are read, so
 * that thousands of quiet queues cost nothing. A tail outlives its connection: the next one goes on where this one stood.
 *
 *   new     – nothing was read yet.                                   → placed, with the queues as the hub lists them
 *   placed  – it knows where each queue goes on; what grew is read.   → stays placed, also when the connection is lost
 */
import { limits, type PeekedEvent } from "@waybill/events";
import type { Admin } from "./admin.ts";
import { deferred } from "./deferred.ts";

type Ask = Admin["ask"];
type Grown = readonly { queue: string; head: number }[];

/** Queues that are read side by side. */
const AT_ONCE = 16;
const WAIT_MS = 20_000;

export type TailOptions = {
  /** At most 500. Default: all, also those that are born later. */
  queues?: readonly string[];
  /** First offset of each queue. Default: from now on. */
  from?: number;
};

export class Tail {
  readonly #queues: readonly string[] | undefined;
  #from: number | undefined;
  #next = new Map<string, number>();
  #isPlaced = false;
  readonly #placed = deferred();

  constructor({ queues, from }: TailOptions = {}) {
    this.#queues = queues;
    this.#from = from;
  }

  /** Resolves when it knows where "now" is: what is stored from then on is read. */
  get placed(): Promise<void> {
    return this.#placed.promise;
  }

  /** What `admin.tail` walks; ends only by an error, or when its reader leaves. */
  async *read(ask: Ask): AsyncGenerator<PeekedEvent> {
    // Asked before the queues are listed: what grows in between is seen at least once, and known by its offset.
    let { at } = await ask("queue:grown", {});
    yield* this.#events(ask, await this.#place(ask));
    const named = this.#queues ? { queues: [...this.#queues] } : {};
    for (;;) {
      const grown = await ask("queue:grown", { after: at, waitMs: WAIT_MS, ...named });
      at = grown.at;
      yield* this.#events(ask, grown.complete ? grown.queues : await this.#place(ask));
    }
  }

  /** All queues that are meant, with their heads; the first time, where "now" is. */
  async #place(ask: Ask): Promise<Grown> {
    const found = this.#queues ? await named(ask, this.#queues) : await listed(ask);
    const isNow = !this.#isPlaced && this.#from === undefined;
    // A queue that ends before our place is another history: the hub was restored from a backup.
    for (const { queue, head } of found) if (isNow || this.#placeOf(queue) > head + 1) this.#next.set(queue, head + 1);
    this.#isPlaced = true;
    this.#placed.resolve();
    // A queue that was not there is read from its first event on.
    this.#from ??= 1;
    return found;
  }

  #placeOf(queue: string): number {
    return this.#next.get(queue) ?? this.#from ?? 1;
  }

  /** Round by round, a page of each queue; within a round in the order of their times. */
  async *#events(ask: Ask, grown: Grown): AsyncGenerator<PeekedEvent> {
    const open = grown.filter(({ queue, head }) => head >= this.#placeOf(queue)).map(({ queue }) => queue);
    while (open.length > 0) {
      const round = open.splice(0, AT_ONCE);
      const pages = await Promise.all(
        round.map((queue) => ask("queue:peek", { queue, from: this.#placeOf(queue), limit: limits.peekEventsMax })),
      );
      const events = pages.flatMap((page) => page.events).sort((a, b) => a.recordedAtMs - b.recordedAtMs);
      for (const event of events) {
        this.#next.set(event.queue, event.offset + 1);
        yield event;
      }
      for (const [index, { more }] of pages.entries()) if (more) open.push(...round.slice(index, index + 1));
    }
  }
}

async function listed(ask: Ask): Promise<Grown> {
  const all: { queue: string; head: number }[] = [];
  for (let after: string | undefined; ; ) {
    const { queues, more } = await ask("queue:list", after === undefined ? {} : { after });
    for (const { queue, head } of queues) all.push({ queue, head });
    after = queues.at(-1)?.queue;
    if (!more || after === undefined) return all;
  }
}

async function named(ask: Ask, queues: readonly string[]): Promise<Grown> {
  const found: { queue: string; head: number }[] = [];
  for (let at = 0; at < queues.length; at += AT_ONCE) {
    const round = queues.slice(at, at + AT_ONCE);
    const pages = await Promise.all(round.map((queue) => ask("queue:peek", { queue, last: 0 })));
    for (const [index, { head }] of pages.entries()) found.push({ queue: round[index] ?? "", head });
  }
  return found;
}
