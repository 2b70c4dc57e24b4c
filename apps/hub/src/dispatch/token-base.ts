/**
 * An engine counts its tokens from 1. One that is made anew after a failed commit would count them again, so the runner
 * adds a base to what clients see: a late settle can never name another delivery.
 */
import type { Settle } from "@waybill/events";
import type { TokenRange } from "./consumer.ts";

/** Tokens of this engine; those of one before a reload are dropped, for they were reported lost. */
export function rebased(settle: Omit<Settle, "sub">, base: number): Omit<Settle, "sub"> {
  const ranges = (list: readonly (readonly [number, number])[] | undefined) =>
    list?.filter(([, to]) => to > base).map(([from, to]): [number, number] => [Math.max(1, from - base), to - base]);
  const tokens = <T extends { token: number }>(list: readonly T[] | undefined) =>
    list?.filter(({ token }) => token > base).map((one) => ({ ...one, token: one.token - base }));
  return Object.fromEntries(
    Object.entries({
      epoch: settle.epoch,
      acks: ranges(settle.acks),
      nacks: tokens(settle.nacks),
      rejects: tokens(settle.rejects),
      extends: ranges(settle.extends),
      withdraws: ranges(settle.withdraws),
      started: ranges(settle.started),
      gaps: settle.gaps,
    }).filter(([, value]) => value !== undefined),
  ) as Omit<Settle, "sub">;
}

export const shifted = (tokens: readonly TokenRange[], by: number): TokenRange[] => tokens.map(([from, to]) => [from + by, to + by]);

/** The tokens of one subscription, as its clients see them. */
export class Tokens {
  readonly #epoch: number;
  #base = 0;
  #max = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** The engine offers so many from its `first` on; what the first of them is called. */
  offered(first: number, count: number): number {
    this.#max = Math.max(this.#max, this.#base + first + count - 1);
    return this.#base + first;
  }

  /** As the engine counts. */
  own(settle: Omit<Settle, "sub">): Omit<Settle, "sub"> {
    return this.#base === 0 || settle.epoch !== this.#epoch ? settle : rebased(settle, this.#base);
  }

  /** One of this epoch's, as the engine counts. 0 or less: it is of an engine before this one. */
  ownOf(token: number): number {
    return token - this.#base;
  }

  lost(epoch: number, tokens: readonly TokenRange[]): readonly TokenRange[] {
    return epoch === this.#epoch && this.#base > 0 ? shifted(tokens, this.#base) : tokens;
  }

  /** The engine is made anew. The tokens that name nothing any more. */
  restart(): TokenRange[] {
    const ended: TokenRange[] = this.#max > this.#base ? [[this.#base + 1, this.#max]] : [];
    this.#base = this.#max;
    return ended;
  }
}
