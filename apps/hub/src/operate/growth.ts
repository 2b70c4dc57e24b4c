/**
 * Which queues grew, latest last: one question watches any number of queues, and costs what grew since, not what there is.
 * Each append raises the tick of its tenant; a queue stands where its latest append put it.
 */
import { HubError, type Queue } from "@waybill/events";

/** Queues that are remembered. When more than these grew since somebody asked, they look at all queues again. */
const REMEMBERED_MAX = 16_384;

export type Grown = {
  at: number;
  queues: { queue: Queue; head: number }[];
  /** `false`: queues that grew since are forgotten; only all queues together tell. */
  complete: boolean;
};
type Asked = { after: number; queues: ReadonlySet<Queue> | null; limit: number };

export type Growth = {
  /** After the commit, in the order of the offsets. */
  appended(tenant: string, queue: Queue, offset: number): void;
  tick(tenant: string): number;
  since(tenant: string, asked: Asked): Grown;
  /** Resolves when one of these queues grew since, or when the time is over. Rejects with HUB_DRAINING. */
  wait(tenant: string, asked: Asked & { waitMs: number; signal: AbortSignal }): Promise<void>;
  /** Whoever waits is told that the hub leaves. */
  close(): void;
};

type Place = { queue: Queue; head: number; tick: number; older: Place | null; newer: Place | null };
type Waiter = { queues: ReadonlySet<Queue> | null; wake: () => void; leave: () => void };

export function createGrowth(options: { rememberedMax?: number } = {}): Growth {
  const rememberedMax = options.rememberedMax ?? REMEMBERED_MAX;
  const tenants = new Map<string, Trail>();
  let isClosed = false;
  const trailOf = (tenant: string): Trail => tenants.get(tenant) ?? newTrail(tenant);
  const newTrail = (tenant: string): Trail => {
    const trail = new Trail(rememberedMax);
    tenants.set(tenant, trail);
    return trail;
  };

  return {
    appended: (tenant, queue, offset) => trailOf(tenant).put(queue, offset),
    tick: (tenant) => trailOf(tenant).tick,
    since: (tenant, asked) => trailOf(tenant).since(asked),
    async wait(tenant, { waitMs, signal, ...asked }) {
      const trail = trailOf(tenant);
      const { queues, complete } = trail.since(asked);
      if (isClosed) throw leaving();
      if (queues.length > 0 || !complete || waitMs === 0 || signal.aborted) return;
      await new Promise<void>((resolve, reject) => {
        const done = (settle: () => void) => () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", waiter.wake);
          trail.waiters.delete(waiter);
          settle();
        };
        const waiter: Waiter = { queues: asked.queues, wake: done(resolve), leave: done(() => reject(leaving())) };
        const timer = setTimeout(waiter.wake, waitMs);
        timer.unref();
        signal.addEventListener("abort", waiter.wake);
        trail.waiters.add(waiter);
      });
    },
    close() {
      isClosed = true;
      for (const trail of tenants.values()) for (const waiter of trail.waiters) waiter.leave();
    },
  };
}

/** One tenant's queues in the order of their latest appends, as a list that is linked both ways. */
class Trail {
  tick = 0;
  readonly waiters = new Set<Waiter>();
  private readonly places = new Map<Queue, Place>();
  private readonly rememberedMax: number;
  private oldest: Place | null = null;
  private newest: Place | null = null;
  /** Tick of the latest place that was forgotten. */
  private forgotten = 0;

  constructor(rememberedMax: number) {
    this.rememberedMax = rememberedMax;
  }

  put(queue: Queue, head: number): void {
    this.tick += 1;
    // Neighbours in a commit are mostly of one queue.
    const place = this.newest?.queue === queue ? this.newest : this.toTheEnd(queue);
    place.head = head;
    place.tick = this.tick;
    if (this.waiters.size > 0) for (const waiter of this.waiters) if (waiter.queues?.has(queue) !== false) waiter.wake();
  }

  since({ after, queues, limit }: Asked): Grown {
    // A tick of before the hub's start is none of ours.
    if (after < this.forgotten || after > this.tick) return { at: this.tick, queues: [], complete: false };
    const found: Place[] = [];
    for (let place = this.newest; place && place.tick > after; place = place.older)
      if (queues?.has(place.queue) !== false) found.push(place);
    const page = found.reverse().slice(0, limit);
    const at = found.length > limit ? (page.at(-1)?.tick ?? after) : this.tick;
    return { at, queues: page.map(({ queue, head }) => ({ queue, head })), complete: true };
  }

  private toTheEnd(queue: Queue): Place {
    const known = this.places.get(queue);
    const place = known ?? { queue, head: 0, tick: 0, older: null, newer: null };
    if (known) this.unlink(known);
    else this.places.set(queue, place);
    place.older = this.newest;
    place.newer = null;
    if (this.newest) this.newest.newer = place;
    else this.oldest = place;
    this.newest = place;
    if (this.places.size > this.rememberedMax) this.forgetOldest();
    return place;
  }

  private unlink({ older, newer }: Place): void {
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
  }

  private forgetOldest(): void {
    const place = this.oldest;
    if (!place) return;
    this.unlink(place);
    this.places.delete(place.queue);
    this.forgotten = place.tick;
  }
}

const leaving = () => new HubError("HUB_DRAINING", "This hub is leaving; ask again when it is back.");
