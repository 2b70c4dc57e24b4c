import {
  adminRequests,
  type Backup,
  type DeadLetterDetail,
  type DeadLetterSummary,
  type EventShown,
  type Explained,
  type GroupCreated,
  type GroupDeleted,
  type GroupOrder,
  type GroupReset,
  HubError,
  type HubInfo,
  hubErrorBodySchema,
  type LetterSelection,
  limits,
  namespaces,
  type PeekedEvent,
  type PeekQueue,
  type Person,
  type QueueDetail,
  type QueueSummary,
  type ReplyOf,
  type RequestOf,
  type Start,
  type StuckKey,
  type SubscriptionDetail,
  type SubscriptionSummary,
} from "@waybill/events";
import { io, type Socket } from "socket.io-client";
import { PeerError } from "./peer-error.ts";
import { Tail } from "./tail.ts";
import { UnseenWebSocket } from "./unseen-websocket.ts";

type AdminRequests = typeof adminRequests;
export type AdminRequestName = keyof AdminRequests;
/** An answer that is not a refusal: those are thrown. */
export type AdminAnswer<K extends AdminRequestName> = Exclude<ReplyOf<AdminRequests, K>, { outcome: "refused" }>;

export type AdminOptions = {
  /** `http://host:port` of the hub. */
  url: string;
  /** An admin's signed token. */
  token: string;
  /** So long the hub may take to connect and to answer. Default 10 s. */
  answerMs?: number;
  /** Closes the connection; what is unanswered is CANCELLED. */
  signal?: AbortSignal;
};

/** So long a roll call waits when it does not say how long. */
const ROLL_CALL_MS = 5_000;
/** So often a backup that is being made is looked at. */
const BACKUP_LOOK_MS = 250;

/** A subscription: `group` is `main` when absent. */
export type SubscriptionName = { queue: string; group?: string };
export type Letters = SubscriptionName & {
  /** Some offsets, or all that fit `parcel` and `type`; `{}` is all. */
  which: LetterSelection;
  /** Only says which they are. */
  dryRun?: boolean;
};
export type NewGroup = {
  from: Start;
  types?: string[];
  policy?: "block" | "skip";
  /** What stays in order: each parcel (`key`, the default) or the whole queue. */
  order?: GroupOrder;
  dryRun?: boolean;
};
/** `skip` needs a `reason`. */
export type ResetOptions = { to: Start; dryRun?: boolean; skip?: boolean; reason?: string };
/** One answer's worth of letters. `busy`: those that are being sent again already. */
export type LettersDone = { offsets: readonly number[]; busy: readonly number[] };

/** To whom and what; `{}` for `drivers` or `vendors` is all of them. */
export type NewNotice = RequestOf<AdminRequests, "notice:send">;
export type NewRollCall = RequestOf<AdminRequests, "roll:call">;
/** `answers`: those that were text, in the order of their arrival. */
export type RollCalled = { asked: number; answered: number; answers: readonly string[] };

/**
 * An operator's connection. One question, one answer; throws HubError when the hub refuses (with the hub's code), TIMED_OUT when
 * it does not answer in time, CANCELLED by the signal. Lists are walked page by page as they are read.
 */
export interface Admin extends AsyncDisposable {
  ask<K extends AdminRequestName>(name: K, request: RequestOf<AdminRequests, K>): Promise<AdminAnswer<K>>;
  /** Those with something left to do, and those that are read right now. */
  subscriptions(): AsyncIterable<SubscriptionSummary>;
  subscription(of: SubscriptionName): Promise<SubscriptionDetail>;
  pause(of: SubscriptionName): Promise<void>;
  /** Throws PAUSED when it paused again, since no dead letter has room. */
  resume(of: SubscriptionName): Promise<void>;
  setPolicy(of: SubscriptionName, policy: "block" | "skip"): Promise<void>;
  /** Makes a group. Throws GROUP_EXISTS, TOO_MANY_GROUPS. With `dryRun` it only says what the group would get. */
  createGroup(of: Required<SubscriptionName>, options: NewGroup): Promise<GroupCreated>;
  /** Throws GROUP_READ while consumers read it, unless `evenIfRead`: they are sent away. */
  deleteGroup(of: Required<SubscriptionName>, options?: { evenIfRead?: boolean; reason?: string }): Promise<GroupDeleted>;
  /** All before `to` is settled, all from there on comes again. Throws RESET_SKIPS when unsettled events would be passed over without `skip`. */
  reset(of: SubscriptionName, options: ResetOptions): Promise<GroupReset>;
  stuckKeys(of: SubscriptionName): AsyncIterable<StuckKey>;
  /** Resolves with the offset that starts from zero; throws NOT_STUCK. */
  retryKey(of: SubscriptionName, parcel: string): Promise<number>;
  /** Resolves with the offset that became a dead letter; throws NOT_STUCK, and PAUSED. */
  skipKey(of: SubscriptionName, parcel: string, reason: string): Promise<number>;
  deadLetters(of: SubscriptionName, filter?: { parcel?: string; type?: string }): AsyncIterable<DeadLetterSummary>;
  deadLetter(of: SubscriptionName, offset: number): Promise<DeadLetterDetail>;
  /** Sends letters again as it is read, at most `perSecond` of them a second. Leaving the loop leaves the rest as they are. */
  redrive(letters: Letters & { perSecond?: number }): AsyncIterable<LettersDone>;
  /** Deletes letters for good. */
  discard(letters: Letters & { reason: string }): AsyncIterable<LettersDone>;
  /** How the hub is: counters since its start, what waits, what it is set to, its busiest subscriptions. */
  hub(): Promise<HubInfo>;
  /**
   * Makes a backup in the folder that the hub's operator set, and waits for it; without a name it is called by the time.
   * Throws BUSY, DATA_EXISTS, STORAGE_FULL, STORAGE_FAILED.
   */
  makeBackup(options?: { name?: string; onProgress?: (backup: Backup) => void }): Promise<Backup>;
  /** The latest first. */
  backups(): Promise<{ folder: string; backups: readonly Backup[]; more: boolean }>;
  /** Queues that ever had an event, by name. */
  queues(filter?: { kind?: "store" | "driver" | "zone" }): AsyncIterable<QueueSummary>;
  /** Throws UNKNOWN_STORE and the like. */
  queue(queue: string): Promise<QueueDetail>;
  /** Events with their bodies, up to the queue's end; reading them settles nothing. Default: the last 100. */
  peek(queue: string, options?: Pick<PeekQueue, "from" | "last" | "parcel" | "type">): AsyncIterable<PeekedEvent>;
  /** New events as they are stored. Keep the tail, and give it to the next connection to go on where it stood. Default: of all queues, from now on. */
  tail(tail?: Tail): AsyncIterable<PeekedEvent>;
  event(queue: string, offset: number): Promise<EventShown>;
  /** Everybody of a role, by driver or store: a row for each connection, and those who were there since the hub's start. */
  people(role: Person["role"]): AsyncIterable<Person>;
  /** Tells something to those who are there; resolves with the number of connections. Throws INVALID_MESSAGE, UNKNOWN_ZONE, UNKNOWN_STORE. */
  notice(notice: NewNotice): Promise<number>;
  /** Asks those who are there, and waits `waitMs` (default 5 s) at most. Clients of the SDK answer `online`. Throws as `notice` does. */
  rollCall(call: NewRollCall): Promise<RollCalled>;
  /** Why the subscription has not settled this event. With `home`, the offset is that of the home queue. */
  explain(of: SubscriptionName, offset: number, options?: { home?: string }): Promise<Explained>;
}

/** Connects to /admin. Throws UNAUTHORIZED or FORBIDDEN when the token is refused, TIMED_OUT when no hub answers in time. */
export async function createAdmin({ url, token, answerMs = 10_000, signal }: AdminOptions): Promise<Admin> {
  const socket = io(new URL(namespaces.admin, url).href, {
    auth: { token },
    transports: [UnseenWebSocket],
    reconnection: false,
    forceNew: true,
    timeout: answerMs,
  });
  const stop = (): void => void socket.disconnect();
  const close = (): void => {
    signal?.removeEventListener("abort", stop);
    stop();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (signal?.aborted) throw cancelled();
    await connected(socket, { url, answerMs, signal });
  } catch (error) {
    close();
    throw signal?.aborted ? cancelled() : error;
  }

  const ask = async <K extends AdminRequestName>(name: K, request: RequestOf<AdminRequests, K>): Promise<AdminAnswer<K>> => {
    const waitMs = "waitMs" in request ? (request.waitMs ?? 0) : 0;
    // A disconnect, ours or the hub's, fails what is unanswered.
    const body: unknown = await socket
      .timeout(answerMs + waitMs)
      .emitWithAck(name, request)
      .catch((cause: unknown) => {
        throw signal?.aborted
          ? cancelled()
          : new HubError("TIMED_OUT", `The hub did not answer "${name}" within ${answerMs} ms.`, { cause });
      });
    return parseAnswer(name, body);
  };

  return {
    ask,
    async *subscriptions() {
      for (let after: { queue: string; group: string } | undefined; ; ) {
        const { subscriptions, more } = await ask("sub:list", after ? { after } : {});
        yield* subscriptions;
        const last = subscriptions.at(-1);
        if (!more || last === undefined) return;
        after = { queue: last.queue, group: last.group };
      }
    },
    subscription: async (of) => (await ask("sub:info", of)).subscription,
    pause: async (of) => void (await ask("sub:pause", { ...of, paused: true })),
    resume: async (of) => void (await ask("sub:pause", { ...of, paused: false })),
    setPolicy: async (of, policy) => void (await ask("sub:policy", { ...of, policy })),
    createGroup: (of, options) => ask("sub:create", { ...of, ...options }),
    deleteGroup: (of, options = {}) => ask("sub:delete", { ...of, ...options }),
    reset: (of, options) => ask("sub:reset", { ...of, ...options }),
    async *stuckKeys(of) {
      for (let after: number | undefined; ; ) {
        const { keys, more } = await ask("key:list", after ? { ...of, after } : of);
        yield* keys;
        after = keys.at(-1)?.offset;
        if (!more || after === undefined) return;
      }
    },
    retryKey: async (of, parcel) => (await ask("key:retry", { ...of, parcel })).offset,
    skipKey: async (of, parcel, reason) => (await ask("key:skip", { ...of, parcel, reason })).offset,
    async *deadLetters(of, filter = {}) {
      for (let after = 0; ; ) {
        const { letters, lookedTo, more } = await ask("dead:list", { ...of, ...filter, after });
        yield* letters;
        after = lookedTo;
        if (!more) return;
      }
    },
    deadLetter: async (of, offset) => (await ask("dead:show", { ...of, offset })).letter,
    async *redrive({ perSecond, ...letters }) {
      // At least ten a second at a time, so that a high rate is not a request per letter.
      const limit = perSecond === undefined ? {} : { limit: Math.max(1, Math.min(500, Math.floor(perSecond / 10))) };
      for (let after = 0; ; ) {
        const { offsets, busy, lookedTo, more } = await ask("dead:redrive", { ...letters, ...limit, after });
        yield { offsets, busy };
        after = lookedTo;
        if (!more) return;
        if (perSecond !== undefined && letters.dryRun !== true) await pause((offsets.length / perSecond) * 1_000);
      }
    },
    async *discard(letters) {
      for (let after = 0; ; ) {
        const { offsets, busy, lookedTo, more } = await ask("dead:discard", { ...letters, after });
        yield { offsets, busy };
        after = lookedTo;
        if (!more) return;
      }
    },
    hub: async () => (await ask("hub:info", {})).hub,
    async makeBackup({ name, onProgress } = {}) {
      let { backup } = await ask("backup:make", name === undefined ? {} : { name });
      while (backup.state === "running") {
        onProgress?.(backup);
        await pause(BACKUP_LOOK_MS);
        ({ backup } = await ask("backup:state", { name: backup.name }));
      }
      if (backup.error) throw new PeerError(backup.error);
      return backup;
    },
    backups: () => ask("backup:list", {}),
    async *queues(filter = {}) {
      for (let after: string | undefined; ; ) {
        const { queues, more } = await ask("queue:list", after ? { ...filter, after } : filter);
        yield* queues;
        after = queues.at(-1)?.queue;
        if (!more || after === undefined) return;
      }
    },
    queue: async (queue) => (await ask("queue:info", { queue })).queue,
    async *peek(queue, { from, last, ...filter } = {}) {
      for (let begin: { from?: number; last?: number } = from === undefined ? { last: last ?? 100 } : { from }; ; ) {
        const { events, next, more } = await ask("queue:peek", { queue, ...begin, ...filter, limit: limits.peekEventsMax });
        yield* events;
        begin = { from: next };
        if (!more) return;
      }
    },
    tail: (tail = new Tail()) => tail.read(ask),
    event: (queue, offset) => ask("event:show", { queue, offset }),
    explain: (of, offset, options = {}) => ask("event:explain", { ...of, ...options, offset, knows: ["delayed"] }),
    async *people(role) {
      for (let after: string | undefined; ; ) {
        const { people, more } = await ask("people:list", after === undefined ? { role } : { role, after });
        yield* people;
        after = people.at(-1)?.id;
        if (!more || after === undefined) return;
      }
    },
    notice: async (notice) => (await ask("notice:send", notice)).sockets,
    async rollCall(call) {
      const { asked, answered, answers } = await ask("roll:call", { ...call, waitMs: call.waitMs ?? ROLL_CALL_MS });
      return { asked, answered, answers };
    },
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function connected(
  socket: Socket,
  { url, answerMs, signal }: { url: string; answerMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const late = (): void => reject(new HubError("TIMED_OUT", `No hub answered at ${url} within ${answerMs} ms.`));
    const timer = setTimeout(late, answerMs);
    signal?.addEventListener("abort", late, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", late);
    };
    socket.once("connect", () => {
      done();
      resolve();
    });
    socket.once("connect_error", (error: Error & { data?: unknown }) => {
      done();
      const body = hubErrorBodySchema.safeParse(error.data);
      if (body.success) reject(new PeerError(body.data));
      else
        reject(
          new HubError("TIMED_OUT", `No hub at ${url} (${error.message}). Is it running? \`npm run hub\` starts one.`, { cause: error }),
        );
    });
  });
}

function parseAnswer<K extends AdminRequestName>(name: K, body: unknown): AdminAnswer<K> {
  const reply = adminRequests[name].reply.safeParse(body);
  if (!reply.success)
    throw new HubError("UNSUPPORTED_PROTOCOL", `The hub's answer to "${name}" is none that this version knows.`, { cause: reply.error });
  if (reply.data.outcome === "refused") throw new PeerError(reply.data.error);
  // Parsed by this name's own schema just above; the compiler loses the tie between name and schema.
  return reply.data as AdminAnswer<K>;
}

const cancelled = (): HubError => new HubError("CANCELLED", "Stopped before the hub answered.");
