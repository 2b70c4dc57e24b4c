/** What survives: the queue, and all that was committed of one subscription. Simple maps, obviously right. */
import type {
  AttemptRow,
  DeadLetter,
  EngineEffect,
  EngineInput,
  Entry,
  ParkedChunk,
  Progress,
  ProgressWrite,
  Restored,
} from "../src/index.ts";

type Of<T extends { type: string }, N extends T["type"]> = Extract<T, { type: N }>;

export class Durable {
  readonly entries: Entry[] = [];
  progress: Progress = { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false };
  readonly attempts = new Map<number, AttemptRow>();
  readonly chunks = new Map<number, ParkedChunk>();
  readonly dead = new Map<number, DeadLetter>();
  /** History up to here is gone. */
  trimmedTo = 0;

  constructor(restored?: Restored) {
    if (restored === undefined) return;
    this.progress = restored.progress;
    for (const row of restored.attempts) this.attempts.set(row.offset, row);
  }

  apply({ progress, attempts, parked, dead }: ProgressWrite): void {
    this.progress = progress;
    for (const row of attempts.put) this.attempts.set(row.offset, row);
    for (const offset of attempts.remove) this.attempts.delete(offset);
    for (const chunk of parked.put) this.chunks.set(chunk.first, chunk);
    for (const { first } of parked.remove) this.chunks.delete(first);
    for (const letter of dead.put) this.dead.set(letter.offset, letter);
    for (const offset of dead.remove) this.dead.delete(offset);
  }

  restored(): Restored {
    const parked = new Map<string, { key: string; first: number; count: number }>();
    for (const chunk of this.#chunksInOrder()) {
      const known = parked.get(chunk.key);
      if (known === undefined) parked.set(chunk.key, { key: chunk.key, first: chunk.first, count: chunk.offsets.length });
      else known.count += chunk.offsets.length;
    }
    const head = this.entries.at(-1)?.offset ?? 0;
    return {
      progress: this.progress,
      attempts: [...this.attempts.values()],
      parked: [...parked.values()],
      deadCount: this.dead.size,
      head,
    };
  }

  read({ from, eventsMax, bytesMax }: Of<EngineEffect, "read">): Of<EngineInput, "loaded"> {
    const start = Math.max(from, this.trimmedTo + 1);
    const entries: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries.slice(start - 1, start - 1 + eventsMax)) {
      if (entries.length > 0 && bytes + entry.bytes > bytesMax) break;
      bytes += entry.bytes;
      entries.push(entry);
    }
    const to = entries.at(-1)?.offset ?? start - 1;
    return { type: "loaded", from, to, entries, ...(from <= this.trimmedTo ? { gapTo: this.trimmedTo } : {}) };
  }

  readParked({ key, first }: Of<EngineEffect, "read-parked">): Of<EngineInput, "loaded-parked"> {
    const mine = this.#chunksInOrder().filter((chunk) => chunk.key === key);
    const chunk = mine.find((other) => other.first === first);
    if (chunk === undefined) throw new Error(`Chunk ${first} of key ${key} was asked for and is not stored.`);
    const next = mine.find((other) => other.first > first)?.first ?? 0;
    const entries = chunk.offsets.filter((offset) => offset > this.trimmedTo).map((offset) => this.entry(offset));
    const missing = chunk.offsets.filter((offset) => offset <= this.trimmedTo);
    return { type: "loaded-parked", key, first, entries, next, missing };
  }

  entry(offset: number): Entry {
    const entry = this.entries[offset - 1];
    if (entry === undefined) throw new Error(`The queue has no offset ${offset}.`);
    return entry;
  }

  /** Offsets that are not settled, as anybody must see it who reads what is durable. */
  unsettled(): Set<number> {
    const { cursor, open } = this.progress;
    const offsets = new Set<number>();
    for (const [from, to] of open) for (let offset = from; offset <= to; offset++) offsets.add(offset);
    for (const chunk of this.chunks.values()) for (const offset of chunk.offsets) offsets.add(offset);
    for (const { offset } of this.entries) if (offset > cursor) offsets.add(offset);
    return offsets;
  }

  #chunksInOrder(): ParkedChunk[] {
    return [...this.chunks.values()].sort((a, b) => a.first - b.first);
  }
}
