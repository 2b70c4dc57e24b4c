import { limits } from "@waybill/events";
import type { Socket } from "socket.io";
import { turnMs } from "../edge/turn-clock.ts";

/**
 * What a plain client's socket is still to answer. Socket.IO keeps a function for each answer until it comes; it would end the wait by
 * itself, with a timer for each, and that is a good part of what a delivery costs. Here they are looked through together:
 *
 *   idle     – none is awaited, no timer runs.                 → sweeping, with the next delivery
 *   sweeping – each time that the longest lease has passed, those that were awaited the time before are forgotten.
 *                                                              → idle, when none is left or the socket is gone
 */
export class Answers {
  readonly #socket: Swept;
  readonly #monotonicMs: () => number;
  #timer: NodeJS.Timeout | null = null;
  /** Of all its subscriptions, and of a word to it: both are kept in the same list. */
  #longestMs: number = limits.wordWaitMs;
  /** Ids below were given out before the last sweep. */
  #sweptTo = 0;

  constructor(socket: Socket, monotonicMs: () => number = turnMs) {
    this.#socket = socket as unknown as Swept;
    this.#monotonicMs = monotonicMs;
  }

  /** Something is about to be sent that is to be answered in this time. Returns what `isLate` asks for. */
  expect(leaseMs: number): number {
    if (leaseMs > this.#longestMs) this.#longestMs = leaseMs;
    if (this.#timer === null) {
      this.#sweptTo = this.#socket.nsp._ids;
      this.#sweepLater();
    }
    return this.#monotonicMs();
  }

  /** Whom its answer goes to. Returns the packet's id. */
  add(answered: (answer?: unknown) => void): number {
    const { nsp, acks } = this.#socket;
    const id = nsp._ids;
    nsp._ids += 1;
    acks.set(id, answered);
    return id;
  }

  /** The lease ended before the answer came. */
  isLate(sentMs: number, leaseMs: number): boolean {
    return this.#monotonicMs() - sentMs >= leaseMs;
  }

  /** Forgets what nobody waits for any more. */
  sweep(): void {
    this.end();
    const { acks, nsp, connected } = this.#socket;
    if (!connected) return;
    for (const id of acks.keys()) if (id < this.#sweptTo) acks.delete(id);
    this.#sweptTo = nsp._ids;
    if (acks.size > 0) this.#sweepLater();
  }

  /** The socket is gone. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #sweepLater(): void {
    this.#timer = setTimeout(() => this.sweep(), this.#longestMs).unref();
  }
}

/** Socket.IO's own: the answers of a socket by the id of their packet, and the next id of the namespace. */
type Swept = { readonly connected: boolean; readonly acks: Map<number, unknown>; readonly nsp: { _ids: number } };
