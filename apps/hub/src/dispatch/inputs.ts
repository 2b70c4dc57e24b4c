import type { EngineInput, Entry } from "@waybill/queue";

/**
 * What an engine is to be told at its next turn, in order. Between two turns it holds nothing of its own, not even an empty list: engines rest
 * for long, by the thousand, and what is made for one to keep meanwhile ends among what is old.
 */
export class Inputs {
  #list: EngineInput[] | null = null;
  /** The entries of the last input, while that is `appended`. */
  #appending: Entry[] | null = null;

  get size(): number {
    return this.#list?.length ?? 0;
  }

  push(input: EngineInput): void {
    this.#appending = null;
    if (this.#list === null) this.#list = [input];
    else this.#list.push(input);
  }

  /** Before all that waits. */
  putFirst(inputs: readonly EngineInput[]): void {
    this.#appending = null;
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

  take(): readonly EngineInput[] {
    const inputs = this.#list ?? [];
    this.clear();
    return inputs;
  }

  clear(): void {
    this.#list = null;
    this.#appending = null;
  }
}
