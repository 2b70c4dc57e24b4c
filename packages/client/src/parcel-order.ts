import type { GroupOrder } from "@waybill/events";
import { Chain } from "./chain.ts";
import type { InHand, Place } from "./in-hand.ts";

export type Hold = { readonly key: string; readonly offset: number };

/**
 * Who waits for whom: a chain per parcel (or one, where the group keeps the queue's order), and holds on what failed. The hub may have sent a parcel's later
 * events before it heard of the nack; started now, they would overtake the failed one. So they go back, until the hub
 * has answered a question that was asked behind the nack.
 */
export class ParcelOrder {
  /** What keeps its order; nothing does in a pool. */
  keeps: GroupOrder | "none";
  /** Of parcels in which an event may have to wait. Events come by the thousand, and hardly one ever does. */
  readonly #chains = new Map<string, Chain>();
  readonly #holds = new Map<string, Hold>();
  #newHolds: Hold[] = [];

  constructor(keeps: GroupOrder | "none") {
    this.keeps = keeps;
  }

  /** Chains that are there. */
  get size(): number {
    return this.#chains.size;
  }

  /** From here on, those of its parcel wait for it. */
  begin(item: InHand): void {
    if (item.chain !== null || this.keeps === "none") return;
    const key = this.#keyOf(item.event.parcel);
    item.chain = new Chain(key);
    this.#chains.set(key, item.chain);
  }

  /** `true`: it stands behind another of its parcel now, and has its turn when those before it are over. */
  waits(item: InHand): boolean {
    if (this.#chains.size === 0 || item.chain !== null || this.keeps === "none") return false;
    const chain = this.#chains.get(this.#keyOf(item.event.parcel));
    chain?.push(item);
    return chain !== undefined;
  }

  /** It is over, or out of hand: who of its parcel has the next turn? */
  next(item: InHand): InHand | null {
    const { chain } = item;
    if (chain === null) return null;
    item.chain = null;
    const next = chain.next();
    if (next !== null) next.chain = chain;
    else if (this.#chains.get(chain.key) === chain) this.#chains.delete(chain.key);
    return next;
  }

  /** Whether it must not begin before that one: another event of its parcel, which came later. */
  isBehind(item: InHand, first: InHand): boolean {
    if (item.offset <= first.offset || item.isRunning || this.keeps === "none") return false;
    return this.#keyOf(item.event.parcel) === this.#keyOf(first.event.parcel);
  }

  /** Lets go of what waits and is out of hand. */
  sweep(): void {
    for (const chain of this.#chains.values()) chain.sweep();
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
    return this.keeps === "queue" ? "" : parcel;
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
