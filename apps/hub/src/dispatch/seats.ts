import type { ConsumerMode } from "@waybill/queue";
import type { Consumer, TokenRange } from "./consumer.ts";

/** The consumers of one subscription, by the number under which its engine knows them. */
export class Seats {
  readonly #consumers = new Map<number, Consumer>();
  #next = 1;

  get size(): number {
    return this.#consumers.size;
  }

  all(): Consumer[] {
    return [...this.#consumers.values()];
  }

  get(seat: number): Consumer | undefined {
    return this.#consumers.get(seat);
  }

  give(consumer: Consumer): void {
    consumer.seat = this.#next++;
    this.#consumers.set(consumer.seat, consumer);
  }

  /** `false`: it has none here. */
  take(consumer: Consumer): boolean {
    const had = this.#consumers.delete(consumer.seat);
    if (had) consumer.seat = 0;
    return had;
  }

  /** `seat`: to that one alone. */
  tellGap({ from, to, consumer: seat }: { from: number; to: number; consumer?: number }): void {
    for (const consumer of seat === undefined ? this.all() : []) consumer.gap(from, to);
    if (seat !== undefined) this.get(seat)?.gap(from, to);
  }

  tellLost(epoch: number, tokens: readonly TokenRange[]): void {
    if (tokens.length > 0) for (const consumer of this.all()) consumer.lost(epoch, tokens);
  }

  readers(): { by: string; mode: ConsumerMode; credit: number }[] {
    return this.all().map(({ by, mode, credit }) => ({ by, mode, credit: credit.events }));
  }
}
