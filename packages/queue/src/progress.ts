import { toRow } from "./attempts.ts";
import { Fifo } from "./fifo.ts";
import type { Attempt, ChunkChange, DeadChange, Item } from "./model.ts";
import { SparseMap } from "./sparse.ts";
import type { EngineEffect, Progress, ProgressWrite } from "./types.ts";

type Commit = Extract<EngineEffect, { type: "commit" }>;

/** A commit under way: what waits for it, and which chunks it writes. */
export type Flight = {
  readonly commit: number;
  readonly urgent: boolean;
  readonly items: readonly Item[];
  readonly chunks: ReadonlySet<number>;
};

/** What changed since the last write, and who waits for the next. */
export class ProgressLog {
  readonly #rows = new SparseMap<number, Attempt | null>();
  readonly #chunks = new SparseMap<number, ChunkChange>();
  readonly #dead = new SparseMap<number, DeadChange>();
  #waiting: Item[] = [];
  #isDirty = false;
  #isUrgent = false;
  #isNoted = false;
  #isToldOf = false;
  #lastCommit = 0;
  readonly flights = new Fifo<Flight>();

  /** Something of the next write; nobody waits for it. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Something of the next write that asks for none by itself [P4]. */
  note(): void {
    this.#isNoted = true;
  }

  /** Something was noted since the last write, and nothing asks for the next. */
  get hasNoted(): boolean {
    return this.#isNoted && !this.#isDirty;
  }

  /** What was noted is worth a write by now. */
  writeNoted(): void {
    if (this.#isNoted) this.#isDirty = true;
  }

  /** Whether something was noted that nobody was told of yet: once for each write. */
  tellNoted(): boolean {
    const isNews = this.hasNoted && !this.#isToldOf;
    if (isNews) this.#isToldOf = true;
    return isNews;
  }

  /** Something waits for the next write. */
  hurry(): void {
    this.#isDirty = true;
    this.#isUrgent = true;
  }

  /** The event does nothing until the next write is committed. */
  await(item: Item): void {
    this.#waiting.push(item);
    this.hurry();
  }

  putRow(attempt: Attempt): void {
    this.#rows.set(attempt.offset, attempt);
    this.#isDirty = true;
  }

  removeRow(offset: number): void {
    this.#rows.set(offset, null);
    this.#isDirty = true;
  }

  changeChunk(change: ChunkChange): void {
    this.#chunks.set(change.first, change);
    this.#isDirty = true;
  }

  changeDead(offset: number, change: DeadChange): void {
    this.#dead.set(offset, change);
    this.#isDirty = true;
  }

  isChunkSaved(first: number): boolean {
    return !this.#chunks.has(first) && !this.flights.toArray().some((flight) => flight.chunks.has(first));
  }

  /** [P2] */
  get isDue(): boolean {
    if (!this.#isDirty) return false;
    const under = this.flights.size;
    return under === 0 || (under === 1 && this.#isUrgent && this.flights.peek()?.urgent === false);
  }

  /** Nothing comes of its answer but that it is over: it is the only one, nothing waits for it, and nothing else is to be written. */
  isSilent(commit: number): boolean {
    const flight = this.flights.peek();
    if (flight === undefined || flight.commit !== commit || this.flights.size > 1) return false;
    return !flight.urgent && flight.chunks.size === 0 && !this.#isDirty;
  }

  /** All that changed, once [P3]; what waited for it now waits for its `committed`. */
  take(progress: Progress): Commit {
    this.#lastCommit += 1;
    const commit = this.#lastCommit;
    const urgent = this.#isUrgent;
    const chunks = this.#chunks.size === 0 ? noChunks : new Set(this.#chunks.keys());
    const items = this.#waiting.length === 0 ? nobody : this.#waiting;
    const write: ProgressWrite = {
      progress,
      attempts: this.#rows.size === 0 ? nothing : this.#takeRows(),
      parked: this.#chunks.size === 0 ? nothing : this.#takeChunks(),
      dead: this.#dead.size === 0 ? nothing : this.#takeDead(),
    };
    this.flights.push({ commit, urgent, items, chunks });
    if (items !== nobody) this.#waiting = [];
    this.#isDirty = false;
    this.#isUrgent = false;
    this.#isNoted = false;
    this.#isToldOf = false;
    return { type: "commit", commit, urgent, write };
  }

  #takeRows(): ProgressWrite["attempts"] {
    const put = [...this.#rows.values()].filter((attempt) => attempt !== null).map(toRow);
    const remove = offsetsWithout(this.#rows);
    this.#rows.clear();
    return { put, remove };
  }

  #takeChunks(): ProgressWrite["parked"] {
    const chunks = [...this.#chunks.values()];
    this.#chunks.clear();
    return {
      put: chunks.flatMap(({ chunk }) => (chunk === null ? [] : [{ ...chunk, offsets: [...chunk.offsets] }])),
      remove: chunks.flatMap(({ key, first, chunk }) => (chunk === null ? [{ key, first }] : [])),
    };
  }

  #takeDead(): ProgressWrite["dead"] {
    const put = [...this.#dead.values()].filter((letter) => letter !== null);
    const remove = offsetsWithout(this.#dead);
    this.#dead.clear();
    return { put, remove };
  }

  /** The oldest commit under way was answered; what waited for it. */
  landed(commit: number): readonly Item[] {
    const flight = this.flights.peek();
    if (flight === undefined || flight.commit !== commit) {
      throw new Error(`Broken invariant: commit ${commit} was answered, and ${flight?.commit ?? "none"} was next.`);
    }
    this.flights.shift();
    return flight.items;
  }

  /** For the invariants: all that wait for a commit. */
  get awaited(): readonly Item[] {
    return [...this.flights.toArray().flatMap((flight) => flight.items), ...this.#waiting];
  }
}

// Most writes have none of these, and share what says so.
const nobody: readonly Item[] = [];
const noChunks: ReadonlySet<number> = new Set();
const nothing = { put: [], remove: [] } as const;

const offsetsWithout = (changes: SparseMap<number, unknown>): number[] =>
  [...changes].filter(([, change]) => change === null).map(([offset]) => offset);
