import {
  type Credit,
  doneReplySchema,
  drainingSchema,
  driverRequests,
  type Gap,
  gapSchema,
  HubError,
  type hubNotices,
  type InboundNotices,
  type Lost,
  limits,
  lostSchema,
  noticeSchema,
  presenceSchema,
  type ReplyOf,
  type RequestOf,
  type Reset,
  refusedSchema,
  resetSchema,
  typingNoticeSchema,
  type Welcome,
  welcomeSchema,
  wordNoticeSchema,
} from "@waybill/events";
import type { Socket } from "socket.io-client";
import { emitBytes } from "./bytes-message.ts";
import { emitJson } from "./json-message.ts";
import { asError } from "./listeners.ts";
import { PeerError } from "./peer-error.ts";
import { hearFrames } from "./quick-frames.ts";
import type { ClientEvents, LiveName } from "./types.ts";

const frameNames = ["deliver", "delivers"] as const;
/** One subscription's events, or several subscriptions'. */
export type FrameName = (typeof frameNames)[number];

type Requests = typeof driverRequests;
export type RequestName = keyof Requests;
/** An answer that is no refusal: refusals come as errors. */
export type Answer<K extends RequestName> = Exclude<ReplyOf<Requests, K>, { outcome: "refused" }>;
export type Result<T> = { ok: true; answer: T } | { ok: false; error: HubError };

/** What comes over a connection, parsed. */
export type LinkHandlers = {
  deliver: (name: FrameName, frame: Uint8Array) => void;
  lost: (lost: Lost) => void;
  reset: (reset: Reset) => void;
  gap: (gap: Gap) => void;
  /** `false`: nobody was told. */
  live: <K extends LiveName>(name: K, ...told: Parameters<ClientEvents[K]>) => boolean;
  error: (error: Error) => void;
};

type LifeHandlers = {
  welcomed: () => void;
  draining: (reconnectInMs: number) => void;
  /** The connection is of no use any more: leave it. */
  broken: (why: string) => void;
};

export type LinkOptions = {
  /** The socket's, as `/vendor`. */
  namespace: string;
  /** So long an answer may take. */
  answerMs: number;
};

/** The version of the wire from which on what is live can be asked and heard. */
export const LIVE_SINCE = 2;

/** Of what is settled in one message: far below what the hub takes. */
const SETTLES_BYTES = limits.frameBytesMax / 2;

/** One connection from its `welcome` to its end. What is asked over it is answered over it, or fails with it. */
export class Link {
  alive = true;
  /** The hub leaves: what is in hand is finished over this link, and nothing new is begun. */
  isLeaving = false;
  readonly #socket: Socket;
  readonly #namespace: string;
  readonly #answerMs: number;
  readonly #handlers: LinkHandlers & LifeHandlers;
  #welcome: Welcome | null = null;
  /** Each as JSON. */
  #settles: string[] = [];
  /** At most, of these. */
  #settlesBytes = 0;

  constructor(socket: Socket, { namespace, answerMs }: LinkOptions, handlers: LinkHandlers & LifeHandlers) {
    this.#socket = socket;
    this.#namespace = namespace;
    this.#answerMs = answerMs;
    this.#handlers = handlers;
    this.#hear();
  }

  /** So long an answer may take. */
  get answerMs(): number {
    return this.#answerMs;
  }

  get welcome(): Welcome {
    if (this.#welcome === null) throw new Error("A link is used only after its welcome.");
    return this.#welcome;
  }

  /** `done` runs in the very turn in which the answer arrives, before any later message is looked at. */
  ask<K extends RequestName>(name: K, body: RequestOf<Requests, K>, done: (result: Result<Answer<K>>) => void): void {
    this.#emit(name, body, (result) => done(result.ok ? readAnswer(name, result.answer) : result));
  }

  /** What is said now leaves now, and does not wait until what was said before it has left. */
  get isClear(): boolean {
    return this.#socket.io.engine.transport.writable;
  }

  /** Rejects with the hub's refusal, or TIMED_OUT. */
  request<K extends RequestName>(name: K, body: RequestOf<Requests, K>): Promise<Answer<K>> {
    return new Promise((resolve, reject) => this.ask(name, body, (result) => (result.ok ? resolve(result.answer) : reject(result.error))));
  }

  publish(frame: Uint8Array, done: (result: Result<unknown>) => void): void {
    this.flush();
    const answered = this.#answered("publish", this.#answerMs, done);
    emitBytes(this.#socket, "publish", frame, { namespace: this.#namespace, withinMs: this.#answerMs, answered });
  }

  notify(name: "credit", body: Credit): void {
    this.flush();
    if (this.alive) this.#socket.emit(name, body);
  }

  /** A `Settle` as JSON. It goes with those of other subscriptions, at the next `flush`: a message for each costs more than what it says. */
  settle(json: string, bytes: number): void {
    if (this.#settles.length >= limits.settlesPerMessageMax || this.#settlesBytes + bytes > SETTLES_BYTES) this.flush();
    this.#settles.push(json);
    this.#settlesBytes += bytes;
  }

  /** Sends what was settled. Whatever else is sent over this link comes behind it. */
  flush(): void {
    const settles = this.#settles;
    if (settles.length === 0) return;
    this.#settles = [];
    this.#settlesBytes = 0;
    if (!this.alive) return;
    // A hub of version 1 takes them one by one.
    if (this.welcome.protocol < 2 || settles.length === 1) for (const json of settles) this.#emitJson("settle", json);
    else this.#emitJson("settles", `[${settles.join(",")}]`);
  }

  /** Dropped when it cannot go out at once. */
  notifyVolatile(name: "position" | "typing", body: object): void {
    if (this.alive) this.#socket.volatile.emit(name, body);
  }

  /** Leaves this connection; the next comes after the usual wait. */
  drop(why: string): void {
    if (this.alive) this.#handlers.broken(why);
  }

  end(): void {
    this.alive = false;
  }

  #emitJson(name: "settle" | "settles", json: string): void {
    emitJson(this.#socket, this.#namespace, name, json);
  }

  #emit(name: string, body: unknown, done: (result: Result<unknown>) => void): void {
    this.flush();
    // The hub itself waits for another client before it says what became of a word.
    const withinMs = this.#answerMs + (name === "word" ? limits.wordWaitMs : 0);
    this.#socket.timeout(withinMs).emit(name, body, this.#answered(name, withinMs, done));
  }

  #answered(name: string, withinMs: number, done: (result: Result<unknown>) => void): (error: Error | null, answer: unknown) => void {
    return (error, answer) => {
      if (error === null) return done({ ok: true, answer });
      const why = this.alive ? `within ${withinMs} ms` : "before the connection closed";
      return done({ ok: false, error: new HubError("TIMED_OUT", `The hub did not answer \`${name}\` ${why}.`, { cause: error }) });
    };
  }

  #hear(): void {
    const handlers = this.#handlers;
    this.#on("welcome", welcomeSchema, (welcome) => {
      this.#welcome = welcome;
      handlers.welcomed();
    });
    this.#on("draining", drainingSchema, ({ reconnectInMs }) => {
      this.isLeaving = true;
      handlers.draining(reconnectInMs);
    });
    this.#on("refused", refusedSchema, ({ error }) => handlers.error(new PeerError(error)));
    this.#on("lost", lostSchema, handlers.lost);
    this.#on("reset", resetSchema, handlers.reset);
    this.#on("gap", gapSchema, handlers.gap);
    this.#hearLive();
    const hear = (name: FrameName, raw: unknown): void => {
      const frame = toBytes(raw);
      if (frame === null) handlers.error(new HubError("INVALID_MESSAGE", `The hub sent a \`${name}\` that is not bytes.`));
      else this.#guard(name, () => handlers.deliver(name, frame));
    };
    for (const name of frameNames) this.#socket.on(name, (raw: unknown) => hear(name, raw));
    this.#socket.on("connect", () => hearFrames(this.#socket, { namespace: this.#namespace, names: frameNames, hear }));
  }

  /** A hub of version 1 says some of these names with other fields: that is not heard. */
  #hearLive(): void {
    const { live } = this.#handlers;
    this.#on("presence", presenceSchema, (presence) => live("presence", presence), LIVE_SINCE);
    this.#on("typing", typingNoticeSchema, (typing) => live("typing", typing), LIVE_SINCE);
    this.#on("notice", noticeSchema, (notice) => live("notice", notice), LIVE_SINCE);
    this.#on("word", wordNoticeSchema, (word, answer) => live("word", word) && answer(), LIVE_SINCE);
    this.#on("roll-call", noticeSchema, (_call, answer) => answer("online"), LIVE_SINCE);
  }

  #on<T>(name: NoticeName, schema: Schema<T>, handle: (body: T, answer: Answerer) => void, since = 0): void {
    this.#socket.on(name, (raw: unknown, ack: unknown) => {
      if ((this.#welcome?.protocol ?? 0) < since) return;
      const answer: Answerer = (...text) => void (typeof ack === "function" && ack(...text));
      const body = schema.safeParse(raw);
      if (body.success) this.#guard(name, () => handle(body.data, answer));
      else
        this.#handlers.error(
          new HubError("INVALID_MESSAGE", `The hub sent a \`${name}\` that breaks the contract.`, { cause: body.error }),
        );
    });
  }

  #guard(name: string, handle: () => void): void {
    try {
      handle();
    } catch (cause) {
      this.#handlers.error(new Error(`The hub's \`${name}\` could not be handled: ${asError(cause).message}`, { cause }));
    }
  }
}

type NoticeName = keyof InboundNotices<typeof hubNotices>;
/** Acknowledges what the hub said, if it asked for that. */
type Answerer = (...text: [] | [string]) => void;
type Schema<T> = { safeParse(raw: unknown): { success: true; data: T } | { success: false; error: Error } };

const answers: { [K in RequestName]: Schema<ReplyOf<Requests, K>> } = {
  hello: driverRequests.hello.reply,
  lanes: driverRequests.lanes.reply,
  receipts: driverRequests.receipts.reply,
  who: driverRequests.who.reply,
  word: driverRequests.word.reply,
  subscribe: driverRequests.subscribe.reply,
  unsubscribe: driverRequests.unsubscribe.reply,
  sync: driverRequests.sync.reply,
  take: driverRequests.take.reply,
  handback: driverRequests.handback.reply,
  jobs: driverRequests.jobs.reply,
};

function readAnswer<K extends RequestName>(name: K, raw: unknown): Result<Answer<K>> {
  const refusal = isRefusal(raw) ? doneReplySchema.safeParse(raw) : null;
  if (refusal?.success && refusal.data.outcome === "refused") return { ok: false, error: new PeerError(refusal.data.error) };
  const schema: Schema<ReplyOf<Requests, K>> = answers[name];
  const reply = schema.safeParse(raw);
  if (reply.success && isAnswer(reply.data)) return { ok: true, answer: reply.data };
  return { ok: false, error: new HubError("INVALID_MESSAGE", `The hub's answer to \`${name}\` breaks the contract.`) };
}

/** Looked at before any schema: an answer that fails one costs more than the others together. */
const isRefusal = (raw: unknown): boolean => typeof raw === "object" && raw !== null && "outcome" in raw && raw.outcome === "refused";

function isAnswer<R extends { outcome: string }>(reply: R): reply is Exclude<R, { outcome: "refused" }> {
  return reply.outcome !== "refused";
}

/** Node hands over a Buffer, a browser an ArrayBuffer. */
function toBytes(raw: unknown): Uint8Array | null {
  if (raw instanceof Uint8Array) return raw;
  return raw instanceof ArrayBuffer ? new Uint8Array(raw) : null;
}
