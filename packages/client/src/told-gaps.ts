/** Gaps that a seat remembers, to tell each once. */
const TOLD_MAX = 1_024;

/** Gaps of one generation that the program has heard of. The hub tells each until it is confirmed; the program hears of it once. */
export class ToldGaps {
  readonly #names = new Set<string>();

  /** `tell` says whether anybody listened; `false`: the program does not know of it. */
  tellOnce({ from, to }: { from: number; to: number }, tell: () => boolean): boolean {
    const name = `${from} ${to}`;
    if (this.#names.has(name)) return true;
    if (!tell()) return false;
    this.#names.add(name);
    for (const oldest of this.#names) {
      if (this.#names.size <= TOLD_MAX) break;
      this.#names.delete(oldest);
    }
    return true;
  }

  clear(): void {
    this.#names.clear();
  }
}
