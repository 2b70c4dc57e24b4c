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

  /** In the order of the offsets. Entries of one turn become one input; `null`: it is among those of the last one. */
  appended(entry: Entry): EngineInput | null {
    if (this.#appending) {
      this.#appending.push(entry);
      return null;
    }
    const entries = [entry];
    const input: EngineInput = { type: "appended", entries };
    this.#list.push(input);
    this.#appending = entries;
    return input;
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
