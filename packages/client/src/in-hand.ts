import { limits, type ParcelEvent } from "@waybill/events";
import type { Chain } from "./chain.ts";
import type { ParcelOrder } from "./parcel-order.ts";
import { ACK, type Verdict } from "./settle-buffer.ts";
import type { Delivery } from "./types.ts";
import type { VerdictMemory } from "./verdict-memory.ts";

/** Where an event in hand is settled. */
export interface Desk {
  readonly queue: string;
  readonly group: string;
  settle(item: InHand, verdict: Verdict): void;
  /** Its handler is about to be called. */
  started(item: InHand): void;
}

/** What the frame says of an event. */
export type Place = { offset: number; generation: number; recordedAtMs: number; attempt: number; redrive: number };

/** One object per event in hand: the program sees it as its `Delivery`. The abort signal is made when it is asked for. */
export class InHand implements Delivery {
  readonly event: ParcelEvent;
  readonly desk: Desk;
  readonly place: Place;
  /** Who of its parcel waits for whom. */
  readonly order: ParcelOrder;
  /** Where its verdict is remembered: that of the generation in which it was offered. */
  readonly memory: VerdictMemory;
  epoch: number;
  counter: number;
  isSettled = false;
  /** Its handler was called, and is not over. */
  isRunning = false;
  /** Of those that wait for it, where any may have to. */
  chain: Chain | null = null;
  /** In the seat's hand, over this connection. */
  isInHand = false;
  /** Its neighbours there. */
  before: InHand | null = null;
  behind: InHand | null = null;
  /** The lease ended: a handler that returns now proves nothing, it may have stopped because of it. */
  isLost = false;
  /** For a loop over deliveries: told when it was settled or lost. */
  whenOver: (() => void) | null = null;
  #abort: AbortController | null = null;

  constructor(init: Pick<InHand, "event" | "desk" | "place" | "order" | "memory" | "epoch" | "counter">) {
    this.event = init.event;
    this.desk = init.desk;
    this.place = init.place;
    this.order = init.order;
    this.memory = init.memory;
    this.epoch = init.epoch;
    this.counter = init.counter;
  }

  get queue(): string {
    return this.desk.queue;
  }
  get group(): string {
    return this.desk.group;
  }
  get offset(): number {
    return this.place.offset;
  }
  get generation(): number {
    return this.place.generation;
  }
  get recordedAt(): Date {
    return new Date(this.place.recordedAtMs);
  }
  get attempt(): number {
    return this.place.attempt;
  }
  get redrive(): number {
    return this.place.redrive;
  }
  get token(): string {
    return `${this.epoch}.${this.counter}`;
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.isLost) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  ack(): void {
    this.over(ACK);
  }

  nack({ delayMs, reason }: { delayMs?: number; reason?: string } = {}): void {
    const verdict: Verdict = { kind: "nack" };
    if (delayMs !== undefined) verdict.delayMs = delayMs;
    if (reason !== undefined) verdict.reason = cut(reason);
    this.over(verdict);
  }

  reject(reason: string): void {
    this.over({ kind: "reject", reason: cut(reason) });
  }

  /** The first verdict counts. */
  over(verdict: Verdict): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.desk.settle(this, verdict);
    this.whenOver?.();
  }

  lose(): void {
    this.isLost = true;
    this.#abort?.abort();
    this.whenOver?.();
  }
}

const cut = (reason: string): string => reason.slice(0, limits.reasonCharsMax);
