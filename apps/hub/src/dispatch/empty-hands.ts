import type { Engine } from "@waybill/queue";

/** Who waits until nothing of a subscription is in anybody's hand: nearly always nobody, and then nobody looks. */
export class EmptyHands {
  #waiting: (() => void)[] | null = null;

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  /** What an engine that is read again (`null` meanwhile) had offered is in nobody's hand any more. */
  look(engine: Engine | null): void {
    if (this.#waiting === null || (engine !== null && engine.view().inHand > 0)) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const tell of waiting) tell();
  }
}
