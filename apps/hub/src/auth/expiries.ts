import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import { closeBecause } from "../edge/socket-edge.ts";
import type { Identity } from "./tokens.ts";

/** The longest a Node timer can wait; longer ones fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

type Connection = Socket["conn"];
type Entry = { socket: Socket; expMs: Identity["expMs"] };

/**
 * Closes each socket when its token expires. One timer, for the earliest of them: it fires as often as timers of their own would,
 * and a socket that waits for weeks has nothing but its line in a table.
 */
export class Expiries {
  readonly #entries = new Map<Connection, readonly Entry[]>();
  readonly #wallMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  watch(socket: Socket, expMs: Identity["expMs"]): void {
    const { conn } = socket;
    const others = this.#entries.get(conn);
    if (!others) conn.on("close", this.#onClose);
    this.#entries.set(conn, [...(others ?? []), { socket, expMs }]);
    if (expMs < this.#nextMs) this.#arm(expMs);
  }

  /** Connections that are watched. */
  get size(): number {
    return this.#entries.size;
  }

  #arm(atMs: number): void {
    clearTimeout(this.#timer);
    this.#nextMs = atMs;
    const waitMs = Math.min(Math.max(0, atMs - this.#wallMs()), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#look(), waitMs).unref();
  }

  #look(): void {
    const nowMs = this.#wallMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entries of this.#entries.values()) {
      for (const { socket, expMs } of entries) {
        if (expMs > nowMs) nextMs = Math.min(nextMs, expMs);
        else closeBecause(socket, new HubError("UNAUTHORIZED", "The token has expired; connect again with a new one."));
      }
    }
    this.#nextMs = nextMs;
    if (nextMs < Number.POSITIVE_INFINITY) this.#arm(nextMs);
  }

  /** `this` of the listener would be the connection, and one function serves all of them. */
  readonly #onClose = forgetIn(this.#entries);
}

function forgetIn(entries: Map<Connection, unknown>): () => void {
  return function (this: Connection) {
    entries.delete(this);
  };
}
