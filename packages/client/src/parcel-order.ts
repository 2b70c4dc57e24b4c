import { Chain } from "./chain.ts";
import type { InHand, Place } from "./in-hand.ts";

export type Hold = { readonly key: string; readonly offset: number };

/**
 * What stands in which order: a chain per parcel (or one, where the group keeps the queue's order), and holds on what failed. The hub may have sent a parcel's later
 * events before it heard of the nack; started now, they would overtake the failed one. So they go back, until the hub
 * has answered a question that was asked behind the nack.
 */
export class ParcelOrder {
  /** Of parcels that have an event in hand, or one that runs. */
  readonly #chains = new Map<string, Chain>();
  readonly #holds = new Map<string, Hold>();
  #newHolds: Hold[] = [];
  /** The group keeps the whole queue's order: all events are one chain. */
  isOneChain = false;

  /** Chains that are there. */
  get size(): number {
    return this.#chains.size;
  }

  chain(parcel: string): Chain {
    const key = this.#keyOf(parcel);
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = new Chain(key, this);
      this.#chains.set(key, chain);
    }
    return chain;
  }

  /** Nothing of its parcel is here any more. The next event begins another chain. */
  drop(chain: Chain): void {
    if (this.#chains.get(chain.key) === chain) this.#chains.delete(chain.key);
  }

  /** Takes out what waits behind this event; what is taken behind it does not begin any more once it is out of hand. */
  takeBehind({ chain, offset }: InHand): InHand[] {
    return chain.takeBehind(offset);
  }

  takeOut(item: InHand): void {
    const { chain } = item;
    chain.takeOut(item);
    if (chain.isEmpty) this.drop(chain);
  }

  takeAllWaiting(): InHand[] {
    const waiting: InHand[] = [];
    for (const chain of this.#chains.values()) {
      waiting.push(...chain.takeAllWaiting());
      if (chain.isEmpty) this.drop(chain);
    }
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

  get hasNewHolds(): boolean {
    return this.#newHolds.length > 0;
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
