import type { Socket as Connection } from "engine.io";

/** More than this waits for the peer: its subscriptions get nothing new until it has read. Credit is per subscription, and a socket may have thousands. */
const WAITING_BYTES_MAX = 1_048_576;

export const noCredit = { events: 0, bytes: 0 } as const;

/** Whose deliveries are held back. */
export interface Held {
  /** What waits for the peer, here and at its connection. */
  waitingBytes(): number;
  hold(isHeld: boolean): void;
}

/** A peer that reads slower than it is sent to holds its own deliveries back, and nobody else's. */
export class Flow {
  readonly #connection: Connection;
  readonly #held: Held;
  /** Nothing is offered to this socket just now. */
  isHeld = false;

  constructor(connection: Connection, held: Held) {
    this.#connection = connection;
    this.#held = held;
  }

  /** After each delivery. */
  check(): void {
    if (this.isHeld || this.#held.waitingBytes() <= WAITING_BYTES_MAX) return;
    this.isHeld = true;
    this.#held.hold(true);
    this.#connection.once("flush", () => {
      this.isHeld = false;
      this.#held.hold(false);
    });
  }
}
