import type {
  DatabasePosition,
  EventData,
  EventType,
  GroupOrder,
  HubError,
  HubErrorBody,
  Notice,
  ParcelEvent,
  ParcelEventOf,
  Person,
  Position,
  Presence,
  ReceiptState,
  Start,
  Typing,
  TypingNotice,
  Who,
  Word,
  WordNotice,
} from "@waybill/events";

/**
 * What a program gives to publish. `id` and `at` are made when absent: a random id, this device's time with its zone.
 * `notBefore`: the hub keeps it at once and offers it to nobody before that moment (with its zone, at most 30 days ahead); later
 * events of the parcel wait behind it. `trace`: W3C trace context, carried to the handler. A field that no event has is refused, not dropped.
 */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    type: K;
    parcel: string;
    store: string;
    data?: EventData<K>;
    id?: string;
    at?: string;
    notBefore?: string | undefined;
    trace?: string | undefined;
  };
}[T];

/**
 * `stored`: the hub has it on disk. `duplicate`: it had it already (`offset` 0: too long ago to say where).
 * `outbox`: it is durable here and not yet there; only with `withinMs` or `wait: "outbox"`.
 */
export type Published =
  | { outcome: "stored" | "duplicate"; id: string; queue: string; offset: number }
  | { outcome: "outbox"; id: string; queue: string };

export type PublishOptions = {
  /** Default `stored`. */
  wait?: "stored" | "outbox";
  /** Resolve with `outbox` when the hub has not confirmed by then. Default: wait for ever. */
  withinMs?: number;
  /** Stops the waiting (CANCELLED), not the sending: what is in the outbox goes out. */
  signal?: AbortSignal;
};

/**
 * With `wait: "processed"` the promise resolves when group `main` of the store's queue has settled the event, on disk; it is asked again
 * over reconnects and restarts of the hub. `dead`: it became a dead letter. With `withinMs`: what is known by then, `outbox` or `stored`.
 */
export type ProcessedOptions = Omit<PublishOptions, "wait"> & { wait: "processed" };
export type Processed = Published | { outcome: "processed" | "dead"; id: string; queue: string; offset: number };

/**
 * What became of an event in group `main` of its home. `pending`: not yet. `stuck`: it waits for an operator. `dead`: a dead letter.
 * `settled`: handled, or of a type that `main` does not want. `trimmed`: settled so long ago that the hub keeps it no more.
 */
export type Receipt = { queue: string; offset: number; state: ReceiptState };

/** Refused for good; kept in the outbox until the program takes it. */
export type RefusedEvent = { event: ParcelEvent; error: HubErrorBody; at: string };

export type OutboxView = {
  /** Events that the hub has not confirmed. */
  pending: number;
  /** `at` of the oldest of them. */
  oldest: string | null;
  refused: readonly RefusedEvent[];
};

export type ClientStatus = "connecting" | "connected" | "waiting" | "closed";

/** What a program may want to show. A listener that throws is reported to `onError`, never to the peer. */
export type ClientEvents = {
  status: (status: ClientStatus, why: string) => void;
  /** An event was refused for good and moved to `outbox.refused`. */
  refused: (refused: RefusedEvent) => void;
  /** The hub was restored from a backup; what is still held is sent again. Per queue, the numbers confirmed and gone: (hubHas, confirmedTo]. */
  "hub-lost": (lost: { storageId: string; lanes: readonly { queue: string; hubHas: number; confirmedTo: number }[] }) => void;
  /** The outbox turned out to be an old copy, or was fenced; it goes on under a new producer id, or stops. */
  outbox: (notice: { kind: "old-copy" | "fenced"; message: string }) => void;
  /** History that was trimmed before the group read it. To listen to it is to confirm it: the hub tells it until somebody has. */
  gap: (gap: { queue: string; group: string; from: number; to: number }) => void;
  /**
   * The answer to `resume`, when it is not simply that both agree. `set-back`: the database was an older copy, what it lacks comes again.
   * `unknown`: the position is of before a restore of the hub; nothing was done, and the hub's word counts.
   */
  resumed: (resumed: {
    queue: string;
    group: string;
    how: "set-back" | "unknown";
    position: DatabasePosition;
    generation: number;
    floor: number;
  }) => void;
  /** Live: somebody came to this client's store or driver, or went. May be lost: after each `connected`, `who` tells how it is. */
  presence: (presence: Presence) => void;
  /** Live: somebody types about a parcel, or stopped. Forget it after some seconds without another. */
  typing: (typing: TypingNotice) => void;
  /** Live: somebody says a word to this very connection. To listen is to have heard it: without a listener its sender is told `sent`. */
  word: (word: WordNotice) => void;
  /** Live: an operator tells something to many. */
  notice: (notice: Notice) => void;
  /** A listener or handler of the program threw where nobody waits for it, or the hub refused a notice. */
  error: (error: Error | HubError) => void;
};

/** What is told while it happens, and kept nowhere. */
export type LiveName = "presence" | "typing" | "word" | "notice";

/** Takes what `ClientEvents` says of this name. */
export type Listener<K extends keyof ClientEvents> = (...args: Parameters<ClientEvents[K]>) => void;

export type ClientOptions = {
  /** `http://host:port` of the hub. */
  url: string;
  /** The tenant whose namespaces these are, where the hub gives each its own (`--tenant-namespaces`); the default tenant has none. */
  tenant?: string;
  /** A signed token, or where to get a fresh one at each connection. */
  token: string | (() => string | Promise<string>);
  /** First and greatest wait before a reconnect; each is spread by ± 50 %. Default 500 ms and 10 s. */
  reconnectMs?: number;
  reconnectMsMax?: number;
  /** So long an answer of the hub may take, `welcome` included, before it is asked again. Default 10 s. */
  answerMs?: number;
  /** Closes the client, as `close()` without draining. */
  signal?: AbortSignal;
};

export interface Client extends AsyncDisposable {
  readonly status: ClientStatus;
  /** Resolves at the first `welcome`; rejects when the hub refuses the token for good or the client is closed. */
  ready(): Promise<void>;
  /** Returns the function that removes the listener. */
  listen<K extends keyof ClientEvents>(name: K, listener: Listener<K>): () => void;
  /** Graceful: no new deliveries, running handlers finish, the outbox drains; by `drainMs` (default 5,000) at the latest. */
  close(options?: { drainMs?: number }): Promise<void>;
}

export interface Publisher {
  publish(event: NewEvent, options?: PublishOptions): Promise<Published>;
  /** Rejects with HUB_LOST when the hub was restored from a backup meanwhile, and with FORBIDDEN when the outbox goes on as another producer. */
  publish(event: NewEvent, options: ProcessedOptions): Promise<Processed>;
  /**
   * What became of events that this outbox published, in this process or an earlier one; waits for a connection, a minute at most.
   * Throws FORBIDDEN for another publisher's, UNKNOWN_EVENT for what the queue does not have.
   */
  receipts(queue: string, offsets: readonly number[]): Promise<readonly Receipt[]>;
  receipt(of: { queue: string; offset: number }): Promise<Receipt>;
  readonly outbox: OutboxView;
  /** Removes and returns what was refused for good. */
  takeRefused(): Promise<readonly RefusedEvent[]>;
}

/** One event in hand. */
export interface Delivery<T extends EventType = EventType> {
  readonly event: ParcelEventOf<T>;
  readonly queue: string;
  readonly group: string;
  readonly offset: number;
  /** Raised by each reset of the group, and by a restore of the hub: duplicates are known by (generation, offset, redrive). */
  readonly generation: number;
  /** Hub time of the recording. */
  readonly recordedAt: Date;
  /** 1 at the first offer. */
  readonly attempt: number;
  /** Times it was sent again by hand; > 0: it comes late, out of its order. */
  readonly redrive: number;
  /** (epoch, counter): guard writes that matter with it. */
  readonly token: string;
  /** Aborted when the lease is lost: stop, somebody else has it or will. */
  readonly signal: AbortSignal;
  ack(): void;
  /** Offered again after `delayMs`, or the group's back-off. */
  nack(options?: { delayMs?: number; reason?: string }): void;
  /** Can never be handled: stuck or buried at once. */
  reject(reason: string): void;
}

/** Returned = ack, thrown = nack. */
export type Handler<T extends EventType = EventType> = (event: ParcelEventOf<T>, delivery: Delivery<T>) => unknown;

export type SubscribeOptions = {
  /** Default: the queues of the token's stores, or of its driver. */
  queues?: readonly string[];
  /** Default `main`. */
  group?: string;
  /** Makes the group where it does not exist. */
  from?: Start;
  /** What the group keeps in order, given when it is made: each parcel (`key`, the default) or the whole queue, one event at a time. */
  order?: GroupOrder;
  /**
   * Where the program's own database is: the generation and the offset of the last event whose effect is in it, `null` when it has none.
   * Asked before each subscribe; what an older copy (or an empty one) lacks comes again. Needs a group with order `queue`.
   */
  resume?: (queue: string) => DatabasePosition | null | Promise<DatabasePosition | null>;
  /** Durable filter of the group. */
  types?: readonly EventType[];
  /** Handlers at once, over all parcels; never two of one parcel. Default 16. */
  concurrency?: number;
  /** Events in hand. Default: the most the hub allows. */
  credit?: { events: number; bytes: number };
};

export interface Subscriber {
  /** Before `start`. Returns the client, for chaining. */
  on<T extends EventType>(type: T, handler: Handler<T>): this;
  /** All types without a handler of their own. Without it such a type is an error at `start`. */
  onOther(handler: Handler): this;
  /** Subscribes; resolves when all queues are subscribed, rejects when one is refused for good. */
  start(options?: SubscribeOptions): Promise<void>;
  /** The second face: instead of handlers. Each must be settled by the loop; leaving the loop hands the rest back. */
  deliveries(options?: SubscribeOptions): AsyncIterable<Delivery>;
}

export type Job = { parcel: string; store: string; zone: string; claim: number };
/** An offer of a pool: look at it, then take it, decline it, or let it pass (after a while the next driver is asked). */
export interface JobOffer {
  readonly event: ParcelEventOf<"ready">;
  readonly zone: string;
  /** Aborted when the offer passed on. */
  readonly signal: AbortSignal;
  /** First committed wins: throws CLAIM_LOST for all others. */
  take(): Promise<Job>;
  decline(): void;
}

/** What is live: it reaches who is there now, and is kept nowhere. A roll call of an operator is answered by itself. */
export interface Talker {
  /**
   * Who is at a store (default: the token's only one), or has to do with a parcel; `more`: there are others. Waits for a connection, a minute at most.
   * Throws FORBIDDEN for others' stores and parcels, INVALID_MESSAGE where the store must be named, UNSUPPORTED_PROTOCOL from a hub of version 1.
   */
  who(about?: Who): Promise<{ people: readonly Person[]; more: boolean }>;
  /**
   * To one connection that `who` shows. `heard`: the other client had a listener; `sent`: it did not say so within 5 s. Said once, never again by itself:
   * throws NOT_HERE, BUSY (more than 50 a second), FORBIDDEN, UNSUPPORTED_PROTOCOL, and TIMED_OUT without a connection or an answer.
   */
  word(word: Word): Promise<"heard" | "sent">;
  /** Volatile, dropped while offline. Say it again every few seconds. Throws INVALID_MESSAGE; what the hub refuses is told to `error`. */
  typing(typing: Typing): void;
}

export interface Vendor extends Client, Publisher, Subscriber, Talker {}

export interface Driver extends Client, Publisher, Subscriber, Talker {
  /** Offers of the zone's pool, so many at a time (default 1). An offer whose handler returns without taking is declined. */
  offers(zone: string, handler: (offer: JobOffer) => unknown, options?: { atOnce?: number }): Promise<void>;
  take(parcel: string): Promise<Job>;
  handback(parcel: string, reason?: string): Promise<void>;
  /** The jobs that this driver holds at the hub. */
  jobs(): Promise<readonly Job[]>;
  /** Live position: volatile, never stored, dropped while offline. */
  position(position: Position): void;
}
