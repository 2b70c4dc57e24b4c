/**
 * What one socket publishes, handed to the committer in its order: a lane's numbers must not overtake each other. Mostly nobody is
 * before and nothing has to be looked up; then it is done at once, for a promise of each step cost as much as the step.
 */
export class InOrder {
  /** Ends when the latest that had to wait is handed over; `null`: nobody waits. */
  #latest: Promise<void> | null = null;

  /** `prepare`: what has to be awaited first, if anything. What `append` answers is awaited by nobody here: the next may follow. */
  handOver<T>(prepare: () => Promise<void> | null, append: () => Promise<T>): Promise<T> {
    const ready = this.#latest === null ? prepare() : this.#latest.then(prepare);
    return ready === null ? append() : this.#after(ready, append);
  }

  #after<T>(ready: Promise<unknown>, append: () => Promise<T>): Promise<T> {
    const handedOver = ready.then(() => ({ outcome: append() }));
    const latest: Promise<void> = handedOver.then(
      () => this.#ended(latest),
      () => this.#ended(latest),
    );
    this.#latest = latest;
    return handedOver.then(({ outcome }) => outcome);
  }

  #ended(one: Promise<void>): void {
    if (this.#latest === one) this.#latest = null;
  }
}
