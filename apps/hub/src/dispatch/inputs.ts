import type { EngineInput, Entry } from "@waybill/queue";

/**
 * What an engine is to be told at its next turn, in order. Between two turns it holds nothing of its own, not even an empty list: engines rest
 * for long, by the thousand, and what is made for one to keep meanwhile ends among what is old.
 */
export class Inputs {
  #list: EngineInput[] | null = null;
  /** The entries of the last input, while that is `appended`. */
  #appending: Entry[] | null = null;
  /** The commit that `restLanded` told of; 0: none. */
  #landed = 0;

  get size(): number {
    return (this.#list?.length ?? 0) + (this.#landed > 0 ? 1 : 0);
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

  /** The engine's only commit was answered, and nothing else comes of that: whenever it is told, before or after all else. */
  restLanded(commit: number): void {
    this.#landed = commit;
  }

  take(): readonly EngineInput[] {
    if (this.#landed > 0) this.push({ type: "committed", commit: this.#landed });
    const inputs = this.#list ?? [];
    this.clear();
    return inputs;
  }

  clear(): void {
    this.#list = null;
    this.#appending = null;
    this.#landed = 0;
  }
}
