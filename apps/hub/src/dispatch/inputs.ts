import type { EngineInput, Entry } from "@waybill/queue";

/** What an engine is to be told at its next turn, in order. */
export class Inputs {
  #list: EngineInput[] = [];
  /** The entries of the last input, while that is `appended`. */
  #appending: Entry[] | null = null;

  get size(): number {
    return this.#list.length;
  }

  push(...inputs: readonly EngineInput[]): void {
    this.#appending = null;
    this.#list.push(...inputs);
  }

  /** Before all that waits. */
  putFirst(inputs: readonly EngineInput[]): void {
    this.#appending = null;
    this.#list = [...inputs, ...this.#list];
  }

  /** In the order of the offsets. Entries of one turn become one input. */
  appended(entry: Entry): void {
    if (this.#appending) {
      this.#appending.push(entry);
      return;
    }
    this.#appending = [entry];
    this.#list.push({ type: "appended", entries: this.#appending });
  }

  take(): readonly EngineInput[] {
    const inputs = this.#list;
    this.clear();
    return inputs;
  }

  clear(): void {
    this.#list = [];
    this.#appending = null;
  }
}
