import type { ClientEvents, Driver, Job, JobOffer, NewEvent } from "@waybill/client";
import { type EventType, HubError, type Position } from "@waybill/events";

/** A driver's client without a hub: what is published counts as stored at once, and the test plays the hub's part. */
export type FakeDriver = Driver & {
  readonly published: NewEvent[];
  readonly handedBack: string[];
  readonly positions: Position[];
  /** What the hub would answer to `jobs()`. */
  held: Job[];
  /** Parcels whose claim is another's, or nobody's any more: taking them is refused. */
  readonly lost: Set<string>;
  pending: number;
  /** The next answers of publish and handback; an Error is thrown. */
  readonly failures: Error[];
  /** An event of the driver's own queue. */
  deliver(event: { type: EventType; parcel: string; store: string; data: object }): void;
  /** A job of the pool; resolves with what the driver did. */
  offer(parcel: string, signal?: AbortSignal): Promise<"took" | "declined" | "let pass">;
  connect(): void;
  /** The hub refuses the client for good, e.g. because its token expired. */
  end(why: string): void;
  /** Resolves when the driver looks at a pool. */
  readonly looking: Promise<void>;
};

export function fakeDriver(): FakeDriver {
  const handlers = new Map<string, (event: never, delivery: never) => unknown>();
  const statusListeners = new Set<ClientEvents["status"]>();
  const looking = Promise.withResolvers<void>();
  let consider: ((offer: JobOffer) => unknown) | null = null;
  let offset = 0;
  const failIfAsked = (): void => {
    const failure = fake.failures.shift();
    if (failure) throw failure;
  };

  const fake: FakeDriver = {
    published: [],
    handedBack: [],
    positions: [],
    held: [],
    lost: new Set(),
    pending: 0,
    failures: [],
    status: "connected",
    looking: looking.promise,
    get outbox() {
      return { pending: fake.pending, oldest: null, refused: [] };
    },
    ready: async () => undefined,
    start: async () => undefined,
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
    takeRefused: async () => [],
    who: async () => ({ people: [], more: false }),
    word: async () => "sent",
    typing: () => undefined,
    async *deliveries() {},
    listen(name, listener) {
      if (name === "status") statusListeners.add(listener as ClientEvents["status"]);
      return () => void statusListeners.delete(listener as ClientEvents["status"]);
    },
    on(type, handler) {
      handlers.set(type, handler);
      return fake;
    },
    onOther: () => fake,
    async publish(event) {
      failIfAsked();
      fake.published.push(event);
      offset += 1;
      return { outcome: "stored", id: `e-${offset}`, queue: `store/${event.store}`, offset };
    },
    receipts: async (queue, offsets) => offsets.map((at) => ({ queue, offset: at, state: "settled" })),
    receipt: async ({ queue, offset: at }) => ({ queue, offset: at, state: "settled" }),
    async handback(parcel) {
      failIfAsked();
      fake.handedBack.push(parcel);
    },
    jobs: async () => fake.held,
    async take(parcel) {
      if (fake.lost.has(parcel)) throw new HubError("CLAIM_LOST", "The store has cancelled this job.");
      return { parcel, store: "acme", zone: "north", claim: 1 };
    },
    position: (position) => void fake.positions.push(position),
    async offers(_zone, handler) {
      consider = handler;
      looking.resolve();
    },
    deliver(event) {
      void handlers.get(event.type)?.({ id: "d-1", at: "2026-03-01T08:00:00Z", ...event } as never, {} as never);
    },
    async offer(parcel, signal = new AbortController().signal) {
      let did: "took" | "declined" | "let pass" = "let pass";
      const event = { id: "o-1", type: "ready", parcel, store: "acme", at: "2026-03-01T08:00:00Z", data: { zone: "north" } } as const;
      await consider?.({
        event,
        zone: "north",
        signal,
        decline() {
          did = "declined";
        },
        async take() {
          did = "took";
          failIfAsked();
          return { parcel, store: "acme", zone: "north", claim: 1 };
        },
      });
      return did;
    },
    connect() {
      for (const listener of statusListeners) listener("connected", "test");
    },
    end(why) {
      for (const listener of statusListeners) listener("closed", why);
    },
  };
  return fake;
}
