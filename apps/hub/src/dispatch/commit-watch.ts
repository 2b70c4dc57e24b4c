import { HubError } from "@waybill/events";
import type { Engine } from "@waybill/queue";

/** So long one waits at most: a little less than those who ask. */
const WAIT_MS = 4_000;

type Waiter = {
  /** What was told to the engine is in this commit at the latest. */
  commit: number;
  isDone: (engine: Engine) => boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
};

type Task = { commit: number; run: () => void };

/**
 * Who waits until what an engine was told is durable: it is in the first commit that is sent afterwards, or there is nothing to write.
 * Nearly always nobody does, and then there is nothing to hold them.
 */
export class CommitWatch {
  #waiters: Set<Waiter> | null = null;
  /** In the order of their commits. */
  #tasks: Task[] | null = null;
  #sent = 0;
  #landed = 0;
  /** Commits up to here were of engines before this one. */
  #engineFrom = 0;

  /** The number of the commit; of all that the runner ever sent. */
  sent(): number {
    this.#sent += 1;
    return this.#sent;
  }

  isOwn(sent: number): boolean {
    return sent > this.#engineFrom;
  }

  /** As the engine counts its commits, from 1; 0: an engine before it sent that one, and nobody counts it any more. */
  landed(sent: number): number {
    if (!this.isOwn(sent)) return 0;
    this.#landed += 1;
    return sent - this.#engineFrom;
  }

  /** Before the inputs are applied. */
  next(isDone: (engine: Engine) => boolean = () => true): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { commit: this.#sent + 1, isDone, resolve, reject };
      this.#waiters ??= new Set();
      this.#waiters.add(waiter);
      const late = () => {
        if (this.#forget(waiter)) reject(new HubError("TIMED_OUT", `It was not done within ${WAIT_MS} ms; look again what became of it.`));
      };
      setTimeout(late, WAIT_MS).unref();
    });
  }

  /** The same without a promise; forgotten when the engine is made anew. Called while effects are carried out. */
  afterwards(run: () => void): void {
    this.#tasks ??= [];
    this.#tasks.push({ commit: this.#sent + 1, run });
  }

  /** Between two turns: at once when nothing is on its way. */
  afterSent(run: () => void): void {
    if (this.#landed === this.#sent) run();
    else this.afterwards(run);
  }

  /** After each turn of the engine. */
  look(engine: Engine): void {
    this.#runDue();
    if (this.#waiters === null) return;
    for (const waiter of this.#waiters) {
      try {
        if (!this.#isDue(waiter) || !waiter.isDone(engine)) continue;
        waiter.resolve();
      } catch (error) {
        waiter.reject(error);
      }
      this.#forget(waiter);
    }
  }

  /** The engine is over. */
  fail(error: unknown): void {
    // Commits of before are answered to nobody.
    this.#landed = this.#sent;
    this.#engineFrom = this.#sent;
    const waiters = this.#waiters;
    this.#waiters = null;
    this.#tasks = null;
    for (const waiter of waiters ?? []) waiter.reject(error);
  }

  isWaited(): boolean {
    return this.#waiters !== null || this.#tasks !== null;
  }

  #isDue({ commit }: { commit: number }): boolean {
    return this.#landed >= commit || this.#landed === this.#sent;
  }

  #runDue(): void {
    const first = this.#tasks?.[0];
    if (!this.#tasks || !first || !this.#isDue(first)) return;
    const due = this.#tasks.filter((task) => this.#isDue(task));
    const rest = this.#tasks.slice(due.length);
    this.#tasks = rest.length > 0 ? rest : null;
    for (const { run } of due) run();
  }

  #forget(waiter: Waiter): boolean {
    const isKnown = this.#waiters?.delete(waiter) ?? false;
    if (this.#waiters?.size === 0) this.#waiters = null;
    return isKnown;
  }
}

export const unsteady = () => new HubError("STORAGE_FAILED", "The subscription is being read again from storage; ask once more.");
