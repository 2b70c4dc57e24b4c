import type { Chain, Desk, InHand, Place } from "./in-hand.ts";

/** So many chains are no reason to look for those without an event. */
const CHAINS_MIN = 1_024;

export type Hold = { readonly key: string; readonly offset: number };

/**
 * What stands in which order: a chain per parcel (or one, where the group keeps the queue's order), and holds on what failed. The hub may have sent a parcel's later
 * events before it heard of the nack; started now, they would overtake the failed one. So they go back, until the hub
 * has answered a question that was asked behind the nack.
 */
export class ParcelOrder {
  readonly #desk: Desk;
  /** Also chains without an event: a parcel that had one has another one soon. */
  readonly #chains = new Map<string, Chain>();
  #sweepAt = CHAINS_MIN;
  readonly #holds = new Map<string, Hold>();
  #newHolds: Hold[] = [];
  /** The group keeps the whole queue's order: all events are one chain. */
  isOneChain = false;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  chain(parcel: string): Chain {
    const key = this.#keyOf(parcel);
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      if (this.#chains.size >= this.#sweepAt) this.#sweep();
      chain = { key, desk: this.#desk, running: null, taken: [], waiting: [], turns: 0 };
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #sweep(): void {
    for (const [key, chain] of this.#chains) if (isEmpty(chain)) this.#chains.delete(key);
    this.#sweepAt = 2 * this.#chains.size + CHAINS_MIN;
  }

  /** Takes out what waits behind this event; what is taken behind it does not begin any more once it is out of hand. */
  takeBehind({ chain, offset }: InHand): InHand[] {
    const behind = [...chain.taken, ...chain.waiting].filter((item) => item.offset > offset);
    if (behind.length > 0) chain.waiting = chain.waiting.filter((item) => item.offset <= offset);
    return behind;
  }

  takeOut(item: InHand): void {
    const { chain } = item;
    chain.waiting = chain.waiting.filter((other) => other !== item);
  }

  takeAllWaiting(): InHand[] {
    const waiting: InHand[] = [];
    for (const chain of this.#chains.values()) waiting.push(...chain.waiting.splice(0));
    this.#sweep();
    return waiting;
  }

  hold(parcel: string, offset: number): void {
    const hold = { key: this.#keyOf(parcel), offset };
    this.#holds.set(hold.key, hold);
    this.#newHolds.push(hold);
  }

  isHeld(parcel: string, { offset, redrive }: Place): boolean {
    if (this.#holds.size === 0) return false;
    const hold = this.#holds.get(this.#keyOf(parcel));
    if (hold === undefined || redrive > 0) return false;
    if (offset > hold.offset) return true;
    this.#holds.delete(hold.key); // The failed one is back: what follows it was sent after the hub knew.
    return false;
  }

  #keyOf(parcel: string): string {
    return this.isOneChain ? "" : parcel;
  }

  takeNewHolds(): Hold[] {
    return this.#newHolds.splice(0);
  }

  release(holds: readonly Hold[]): void {
    for (const hold of holds) if (this.#holds.get(hold.key) === hold) this.#holds.delete(hold.key);
  }

  releaseAll(): void {
    this.#holds.clear();
    this.#newHolds = [];
  }
}

const isEmpty = ({ waiting, taken, running }: Chain): boolean => waiting.length + taken.length === 0 && running === null;
