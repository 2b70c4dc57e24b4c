import type { EngineInput, Entry } from "@waybill/queue";

type Acking = { readonly consumer: number; readonly ranges: [from: number, to: number][] };

/**
 * What an engine is to be told at its next turn, in order. Between two turns it holds nothing of its own, not even an empty list: engines rest
 * for long, by the thousand, and what is made for one to keep meanwhile ends among what is old.
 */
export class Inputs {
  #list: EngineInput[] | null = null;
  /** The entries of the last input, while that is `appended`. */
  #appending: Entry[] | null = null;
  /** The last input, while that is of nothing but `acked`. */
  #acking: Acking | null = null;

  get size(): number {
    return this.#list?.length ?? 0;
  }

  push(input: EngineInput): void {
    this.#appending = null;
    this.#acking = null;
    if (this.#list === null) this.#list = [input];
    else this.#list.push(input);
  }

  /** Before all that waits. */
  putFirst(inputs: readonly EngineInput[]): void {
    this.#appending = null;
    this.#acking = null;
    this.#list = [...inputs, ...(this.#list ?? [])];
  }

  /** In the order of the offsets. Entries of one turn become one input. */
  appended(entry: Entry): void {
    if (this.#appending) {
      this.#appending.push(entry);
      return;
    }
    const entries = [entry];
    this.push({ type: "appended", entries });
    this.#appending = entries;
  }

  /** Tokens that a consumer acks one by one, as plain clients do. Those of one consumer that come one behind the other become one input. */
  acked(consumer: number, epoch: number, token: number): void {
    if (this.#acking?.consumer === consumer) {
      const { ranges } = this.#acking;
      const last = ranges[ranges.length - 1];
      if (last !== undefined && last[1] + 1 === token) last[1] = token;
      else ranges.push([token, token]);
      return;
    }
    const ranges: Acking["ranges"] = [[token, token]];
    this.push({ type: "settle", consumer, settle: { epoch, acks: ranges } });
    this.#acking = { consumer, ranges };
  }

  take(): readonly EngineInput[] {
    const inputs = this.#list ?? [];
    this.clear();
    return inputs;
  }

  clear(): void {
    this.#list = null;
    this.#appending = null;
    this.#acking = null;
  }
}
