/**
 * A world with a time of its own. Whatever happens is a task of some process, at a time; the earliest comes first, and of one
 * time the one that was made first. After each task all that it set off without waiting (ticks, microtasks) is run to its end.
 * So a run is a function of its seed: nothing in it asks the machine.
 *
 *   alive  ── pause ──► paused (its tasks wait) ── resume ──► alive
 *   alive, paused ── kill ──► dead (its tasks never happen)
 */
import { type Chance, createChance } from "@waybill/testkit";
import { drainMicrotasks } from "./microtasks.ts";
import { TaskHeap } from "./task-heap.ts";

export type Process = {
  readonly name: string;
  /** Random numbers and ids that its code asks for: a fault elsewhere does not move them. */
  readonly chance: Chance;
  state: "alive" | "paused" | "dead";
  held: Task[];
};

export type Task = { atMs: number; made: number; owner: Process; run: () => void; isVoid: boolean };

/** The wall clock's reading when a world begins: 2026-03-02T08:00:00Z. */
export const WALL_START_MS = Date.UTC(2026, 2, 2, 8);

export class World {
  readonly chance: Chance;
  /** Monotonic, in ms. */
  nowMs = 0;
  wallJumpMs = 0;
  /** Whose code runs right now. */
  current: Process;
  /** What went wrong in a process where nobody waits for it: a real one would have died of it. */
  readonly onCrash: (owner: Process, error: unknown) => void;
  /** Who sets the scene. */
  readonly director: Process;
  tasks = 0;
  readonly #heap = new TaskHeap();
  #ticks: (() => void)[] = [];
  #made = 0;
  /** Before whatever is made: what a process missed comes in its order, ahead of what is due only when it goes on. */
  #missed = Number.MIN_SAFE_INTEGER;
  /** A fingerprint of all that happened. */
  #hash = 0x811c9dc5;

  constructor(seed: number | string, onCrash: (owner: Process, error: unknown) => void) {
    this.chance = createChance(seed);
    this.onCrash = onCrash;
    this.director = this.spawn("director");
    this.current = this.director;
  }

  get wallMs(): number {
    return WALL_START_MS + this.nowMs + this.wallJumpMs;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  spawn(name: string): Process {
    return { name, chance: this.chance.split(name), state: "alive", held: [] };
  }

  /** Runs `run` as a task of `owner`, `ms` from now. */
  after(ms: number, owner: Process, run: () => void): Task {
    return this.at(this.nowMs + Math.max(0, ms), owner, run);
  }

  at(atMs: number, owner: Process, run: () => void): Task {
    const task: Task = { atMs: Math.max(atMs, this.nowMs), made: this.#made++, owner, run, isVoid: false };
    this.#heap.push(task);
    return task;
  }

  /** For `process.nextTick`: before anything else happens. */
  tick(run: () => void): void {
    this.#ticks.push(run);
  }

  /** Ends it as a SIGKILL would. */
  kill(process: Process): void {
    process.state = "dead";
    process.held = [];
  }

  pause(process: Process): void {
    if (process.state === "alive") process.state = "paused";
  }

  resume(process: Process): void {
    if (process.state !== "paused") return;
    process.state = "alive";
    for (const task of process.held.splice(0)) {
      if (task.isVoid) continue;
      task.atMs = this.nowMs;
      task.made = this.#missed++;
      this.#heap.push(task);
    }
  }

  /** Mixes something that happened into the fingerprint: by number, since it happens a thousand times in a schedule. */
  note(what: number, size = 0): void {
    const mixed = Math.imul(this.#hash ^ Math.round(this.nowMs * 1_000), 0x01000193);
    this.#hash = Math.imul(Math.imul(mixed ^ what, 0x01000193) ^ size, 0x01000193);
  }

  /** Goes on until `isOver`, or until `untilMs`; false: the time ran out. */
  run(untilMs: number, isOver: () => boolean): boolean {
    while (!isOver()) {
      const task = this.#heap.peek();
      if (task === undefined || task.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return isOver();
      }
      this.#heap.pop();
      if (!task.isVoid) this.#do(task);
    }
    return true;
  }

  #do(task: Task): void {
    const { owner } = task;
    if (owner.state === "dead") return;
    if (owner.state === "paused") {
      owner.held.push(task);
      return;
    }
    this.nowMs = Math.max(this.nowMs, task.atMs);
    this.current = owner;
    this.tasks += 1;
    this.#guarded(task.run);
    drainMicrotasks();
    while (this.#ticks.length > 0) {
      for (const tick of this.#ticks.splice(0)) this.#guarded(tick);
      drainMicrotasks();
    }
    this.current = this.director;
  }

  #guarded(run: () => void): void {
    // Killed by what it did a moment ago: nothing of it goes on.
    if (this.current.state === "dead") return;
    try {
      run();
    } catch (error) {
      this.onCrash(this.current, error);
    }
  }
}
