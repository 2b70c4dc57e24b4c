/**
 * Is there a socket? States and what leaves each:
 *
 *   connecting ── welcome ──► connected      ── refused, failed, silent ──► waiting
 *   connected  ── the socket closes, for whatever reason ──► waiting
 *              ── the hub leaves: what runs is finished, and it is time to come back ──► connecting
 *   waiting    ── timer ──► connecting
 *   any        ── close(), or refused for good ──► closed
 *
 * A hub that speaks other versions of the wire is no reason to close: it may be brought up to date, or back, in a minute.
 *
 * Socket.IO's own reconnection stops for ever after `io server disconnect` and after a middleware's refusal. So it is
 * switched off: every attempt is a new socket, and this file alone says when.
 */
import { type HubError, hubErrorBodySchema, PROTOCOL_VERSION } from "@waybill/events";
import { io, type Socket } from "socket.io-client";
import { backoffMs } from "./backoff.ts";
import { Link, type LinkHandlers } from "./link.ts";
import { asError } from "./listeners.ts";
import { sendWhole, writeAtOnce } from "./one-write.ts";
import { PeerError } from "./peer-error.ts";
import type { ClientOptions, ClientStatus } from "./types.ts";
import { UnseenWebSocket } from "./unseen-websocket.ts";

const SDK = "waybill-js/0.1.0";

export type ConnectionHandlers = LinkHandlers & {
  up: (link: Link) => void;
  down: (link: Link) => void;
  /** The hub leaves. Resolves when nothing that was begun runs any more. */
  finish: () => Promise<void>;
  status: (status: ClientStatus, why: string) => void;
  /** The hub refuses this client for good. The connection is closed by then. */
  refusedForGood: (error: HubError) => void;
};

type Options = Pick<ClientOptions, "url" | "tenant" | "token" | "reconnectMs" | "reconnectMsMax" | "answerMs"> & {
  namespace: "/driver" | "/vendor";
};

/** What a browser's page says of its network; Node says nothing. Typed here, since the SDK compiles in programs without DOM types. */
type PageEvents = {
  addEventListener?: (name: "online", listener: () => void) => void;
  removeEventListener?: (name: "online", listener: () => void) => void;
};
const page: typeof globalThis & PageEvents = globalThis;

export class Connection {
  status: ClientStatus = "connecting";
  /** The connection that was welcomed, if there is one. */
  link: Link | null = null;
  readonly #options: Options;
  readonly #handlers: ConnectionHandlers;
  readonly #answerMs: number;
  readonly #address: string;
  /** A page is told when its device is back on a network: no need to wait for the timer. */
  readonly #online = (): void => {
    if (this.status !== "waiting" || performance.now() < this.#notBeforeMs) return;
    clearTimeout(this.#timer);
    void this.#connect();
  };
  #attempt: { socket: Socket | null } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  /** Since it was last welcomed: what is to be mended by a person is told once, however often it is tried. */
  #lastRefusal = "";
  /** Not before: a hub that leaves says when to come back. By the monotonic clock: a wall clock that is set back must not keep a fleet away. */
  #notBeforeMs = 0;

  constructor(options: Options, handlers: ConnectionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#answerMs = options.answerMs ?? 10_000;
    const path = options.tenant === undefined ? options.namespace : `/${options.tenant}${options.namespace}`;
    this.#address = new URL(path, options.url).href; // Throws where the program still sees it.
  }

  open(): void {
    page.addEventListener?.("online", this.#online);
    void this.#connect();
  }

  close(why: string): void {
    if (this.status === "closed") return;
    clearTimeout(this.#timer);
    page.removeEventListener?.("online", this.#online);
    this.#leave();
    this.#become("closed", why);
  }

  async #connect(): Promise<void> {
    const attempt: { socket: Socket | null } = { socket: null };
    this.#attempt = attempt;
    this.#become("connecting", this.#failures === 0 ? "a new connection" : `attempt ${this.#failures + 1}`);
    try {
      const { token } = this.#options;
      const fresh = typeof token === "string" ? token : await token();
      if (this.#attempt === attempt) attempt.socket = this.#dial(fresh, attempt);
    } catch (error) {
      if (this.#attempt === attempt) this.#wait(`no token: ${asError(error).message}`);
    }
  }

  #dial(token: string, attempt: object): Socket {
    const socket = io(this.#address, {
      transports: [UnseenWebSocket],
      forceNew: true,
      reconnection: false,
      timeout: this.#answerMs,
      auth: { token, protocol: PROTOCOL_VERSION, sdk: SDK },
    });
    const isCurrent = (): boolean => this.#attempt === attempt;
    const silence = setTimeout(() => isCurrent() && this.#wait("no welcome in time"), this.#answerMs);
    const how = { namespace: new URL(this.#address).pathname, answerMs: this.#answerMs };
    const link = new Link(socket, how, {
      ...this.#handlers,
      welcomed: () => {
        clearTimeout(silence);
        if (isCurrent()) this.#welcomed(link);
      },
      draining: (reconnectInMs) => isCurrent() && this.#drain(reconnectInMs),
      broken: (why) => isCurrent() && this.#wait(why),
    });
    sendWhole(socket.io);
    socket.on("connect", () => writeAtOnce(socket.io.engine));
    socket.on("connect_error", (error) => {
      clearTimeout(silence);
      if (isCurrent()) this.#refused(error);
    });
    socket.on("disconnect", (reason) => {
      clearTimeout(silence);
      if (isCurrent()) this.#wait(reason);
    });
    return socket;
  }

  #welcomed(link: Link): void {
    this.#failures = 0;
    this.#lastRefusal = "";
    this.link = link;
    this.#become("connected", "welcomed by the hub");
    this.#handlers.up(link);
  }

  /** A middleware's refusal carries a typed body; a network's fault does not. */
  #refused(error: Error & { data?: unknown }): void {
    const body = hubErrorBodySchema.safeParse(error.data);
    if (!body.success) {
      this.#wait(error.message);
      return;
    }
    const refusal = new PeerError(body.data);
    const aboutToken = refusal.code === "UNAUTHORIZED" || refusal.code === "FORBIDDEN";
    const isFinal = refusal.retry === "never" && aboutToken && typeof this.#options.token === "string";
    const why = `${refusal.code}: ${refusal.message}`;
    if (isFinal) {
      this.close(why);
      this.#handlers.refusedForGood(refusal);
      return;
    }
    const isNews = refusal.code === "UNSUPPORTED_PROTOCOL" && why !== this.#lastRefusal;
    this.#lastRefusal = why;
    this.#wait(why);
    if (isNews) this.#handlers.error(refusal);
  }

  /** What runs is finished over the old connection, for as long as the hub keeps it; the next comes when it is time. */
  #drain(reconnectInMs: number): void {
    const attempt = this.#attempt;
    const finished = this.#handlers.finish();
    this.#notBeforeMs = performance.now() + reconnectInMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void finished.then(() => {
        if (this.#attempt !== attempt) return;
        this.#leave();
        void this.#connect();
      });
    }, reconnectInMs);
  }

  #wait(why: string): void {
    if (this.status === "closed") return;
    const { reconnectMs = 500, reconnectMsMax = 10_000 } = this.#options;
    this.#leave();
    this.#become("waiting", why);
    const wait = Math.max(backoffMs(this.#failures, reconnectMs, reconnectMsMax), this.#notBeforeMs - performance.now());
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  /** Lets go of the present socket, whatever state it is in. */
  #leave(): void {
    const { link } = this;
    const socket = this.#attempt?.socket;
    this.#attempt = null;
    this.link = null;
    link?.end();
    socket?.disconnect();
    if (link === null) return;
    this.#handlers.down(link);
  }

  #become(status: ClientStatus, why: string): void {
    if (this.status === status && status !== "connecting") return;
    this.status = status;
    this.#handlers.status(status, why);
  }
}
