/**
 * Wakes a thread that sleeps outside of its event loop: a shared count of how often it was rung. Who is woken by a message runs through a
 * turn of its loop first, reads from a pipe, and makes an event object for it.
 */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #rings: Int32Array;

  constructor(memory = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#rings = new Int32Array(memory);
  }

  ring(): void {
    Atomics.add(this.#rings, 0, 1);
    Atomics.notify(this.#rings, 0);
  }

  /** Looked at before what it rings for: what comes behind that look keeps `wait` from sleeping. */
  get rings(): number {
    return Atomics.load(this.#rings, 0);
  }

  /** Sleeps while it was rung no more than `seen` times, for so long at most. */
  wait(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#rings, 0, seen, timeoutMs);
  }

  /** For a thread with an event loop: when it was rung more often than `seen`. It keeps no process alive. */
  async onceRung(seen: number): Promise<void> {
    await Atomics.waitAsync(this.#rings, 0, seen).value;
  }
}
