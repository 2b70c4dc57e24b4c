/** A few shared numbers by which the committer wakes the keeper and waits for it; no event loop in between. */
const asked = 0;
const done = 1;
const stop = 2;

export class Signals {
  readonly memory: SharedArrayBuffer;
  private readonly cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(12)) {
    this.memory = memory;
    this.cells = new Int32Array(memory);
  }

  /** Asks for a checkpoint. */
  ask(): void {
    Atomics.add(this.cells, asked, 1);
    Atomics.notify(this.cells, asked);
  }

  /** Waits until the keeper has done what was asked for by now. */
  waitDone(timeoutMs: number): void {
    const wanted = Atomics.load(this.cells, asked);
    const untilMs = performance.now() + timeoutMs;
    for (let seen = Atomics.load(this.cells, done); seen < wanted; seen = Atomics.load(this.cells, done)) {
      // What it answers next may be what was asked for before.
      if (Atomics.wait(this.cells, done, seen, untilMs - performance.now()) === "timed-out") return;
    }
  }

  /** The keeper's side: sleeps until it is asked again. Answers what it was asked, or -1 to stop. */
  waitAsked(before: number, timeoutMs: number): number {
    if (Atomics.load(this.cells, asked) === before) Atomics.wait(this.cells, asked, before, timeoutMs);
    return Atomics.load(this.cells, stop) === 1 ? -1 : Atomics.load(this.cells, asked);
  }

  answer(upTo: number): void {
    Atomics.store(this.cells, done, upTo);
    Atomics.notify(this.cells, done);
  }

  end(): void {
    Atomics.store(this.cells, stop, 1);
    this.ask();
  }
}
