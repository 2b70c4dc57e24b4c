/** All events of one queue in their order, first from the runs that its directory names, then from the tail; checked on the way. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { placeParts } from "../codec/batch-codec.ts";
import { checkRun, Run, type RunEvent, RunWriter } from "../codec/run-codec.ts";
import { copyAt, newTailFact } from "../codec/tail-codec.ts";
import { blob, int } from "../columns.ts";
import { type DirectoryEntry, decodeDirectory } from "../shared/directory.ts";
import { TailRows } from "../shared/tail-rows.ts";
import type { Findings } from "./findings.ts";
import type { TailPlace, TailPosition } from "./tail-places.ts";

export type QueueFacts = { head: number; firstKept: number; isKnown: boolean };
/** `run`: sealed; `tail`: not yet. */
export type PlacedEvent = RunEvent & { where: string; source: "run" | "tail" };

const rowsBytesMax = 8_388_608;

export class PlaceEvents {
  private readonly findings: Findings;
  private readonly selectQueue: StatementSync;
  private readonly selectPages: StatementSync;
  private readonly selectRuns: StatementSync;
  private readonly rows: TailRows;
  private readonly sealed: number;
  private readonly writer = new RunWriter();
  private readonly fact = newTailFact();
  /** Events found in each sealed segment. */
  readonly bySegment = new Map<number, number>();
  runs = 0;

  /** `sealed`: the last sealed segment; runs of a later one are leftovers of a seal that will be done again. */
  constructor(db: DatabaseSync, sealed: number, findings: Findings) {
    this.findings = findings;
    this.sealed = sealed;
    this.selectQueue = db.prepare("SELECT head, first_kept, directory FROM queue WHERE place = ?");
    this.selectPages = db.prepare("SELECT entries FROM directory WHERE place = ? ORDER BY first_offset");
    this.selectRuns = db.prepare("SELECT first_offset, last_offset, blob FROM run WHERE segment = ? AND place = ? ORDER BY first_offset");
    this.rows = new TailRows(db, rowsBytesMax);
  }

  facts(place: string): QueueFacts {
    const row = this.selectQueue.get(place);
    if (row === undefined) return { head: 0, firstKept: 1, isKnown: false };
    return { head: int(row, "head"), firstKept: int(row, "first_kept"), isKnown: true };
  }

  /** From the first that was not trimmed on. */
  *of(place: string, { firstKept }: QueueFacts, tail: TailPlace): Generator<PlacedEvent> {
    let next = firstKept;
    let lastMs = 0;
    const follow = (found: PlacedEvent): PlacedEvent => {
      const { offset, recordedAtMs } = found.event;
      if (recordedAtMs < lastMs)
        this.findings.add("time", found.where, `offset ${offset} was recorded at ${recordedAtMs}, after ${lastMs}`);
      lastMs = recordedAtMs;
      return found;
    };
    for (const run of this.runsOf(place, firstKept)) {
      this.contiguous(run.where, next, run.first);
      next = Math.max(next, run.last + 1);
      for (const event of run.events)
        yield follow({ ...event, where: `${place}, offset ${event.event.offset} (${run.name})`, source: "run" });
    }
    for (const part of this.tailParts(place, tail)) {
      const [first] = part;
      if (first === undefined) continue;
      this.contiguous(first.where, next, first.event.offset);
      next = Math.max(next, first.event.offset + part.length);
      for (const event of part) yield follow(event);
    }
  }

  idInTail({ seq, at, bodyAt, copy }: TailPosition): string {
    const row = this.rows.get(seq);
    row.read(this.fact, at, bodyAt);
    const own = copyAt(this.fact, copy);
    return own?.own ? own.id : row.textAt(this.fact.idFrom);
  }

  private contiguous(where: string, expected: number, found: number): void {
    if (found > expected) this.findings.add("offsets", where, `offsets ${expected} to ${found - 1} are missing before it`);
    if (found < expected) this.findings.add("offsets", where, `offset ${found} is there already: ${expected} comes next`);
  }

  private *runsOf(place: string, firstKept: number) {
    const { queue } = placeParts(place);
    for (const { segment, first: named } of this.entries(place)) {
      let isFirst = true;
      for (const row of this.selectRuns.iterate(segment, place)) {
        const [first, last] = [int(row, "first_offset"), int(row, "last_offset")];
        const name = `run ${first} of segment ${segment}`;
        const where = `${place}, ${name}`;
        this.runs += 1;
        this.bySegment.set(segment, (this.bySegment.get(segment) ?? 0) + last - first + 1);
        if (isFirst && named !== first && named >= firstKept)
          this.findings.add("offsets", where, `the directory says that segment ${segment} begins at ${named}`);
        isFirst = false;
        const events = this.findings.guard("checksum", where, () => this.decode(blob(row, "blob"), queue, { place, first, last }));
        yield { where, name, first, last, events: events ?? [] };
      }
    }
  }

  private decode(bytes: Buffer, queue: string, named: { place: string; first: number; last: number }): RunEvent[] {
    checkRun(bytes, named.place);
    const run = new Run(bytes);
    if (run.first !== named.first || run.last !== named.last)
      throw new Error(`it holds offsets ${run.first} to ${run.last}, and is kept as ${named.first} to ${named.last}`);
    const events: RunEvent[] = [];
    run.forEach(queue, { from: run.first, to: run.last }, (event) => events.push(event));
    return events;
  }

  private entries(place: string): DirectoryEntry[] {
    const row = this.selectQueue.get(place);
    const pages = [
      ...this.selectPages.all(place).map((page) => blob(page, "entries")),
      ...(row === undefined ? [] : [blob(row, "directory")]),
    ];
    const entries = pages.flatMap((page) => this.findings.guard("offsets", `${place}, directory`, () => decodeDirectory(page)) ?? []);
    for (const [i, entry] of entries.entries()) {
      const before = entries[i - 1];
      if (before !== undefined && (entry.segment <= before.segment || entry.first <= before.first))
        this.findings.add("offsets", `${place}, directory`, `segment ${entry.segment} follows segment ${before.segment}`);
    }
    return entries.filter(({ segment }) => segment <= this.sealed);
  }

  /** What is not sealed, in the form of runs, each contiguous. */
  private *tailParts(place: string, tail: TailPlace): Generator<PlacedEvent[]> {
    const { writer, fact } = this;
    for (let i = 0; i < tail.count; ) {
      const seqs: number[] = [];
      const first = tail.at(i).offset;
      writer.start(first);
      for (; i < tail.count && !writer.isFull; i++) {
        const position = tail.at(i);
        if (position.offset !== first + writer.count) break;
        const row = this.rows.get(position.seq);
        row.read(fact, position.at, position.bodyAt);
        writer.addFact(row, fact, copyAt(fact, position.copy));
        seqs.push(position.seq);
      }
      const part: PlacedEvent[] = [];
      const run = new Run(Buffer.from(writer.finish()));
      run.forEach(placeParts(place).queue, { from: run.first, to: run.last }, (event) => {
        const commit = seqs[event.event.offset - run.first] ?? 0;
        part.push({ ...event, where: `${place}, offset ${event.event.offset} (commit ${commit} of the tail)`, source: "tail" });
      });
      yield part;
    }
  }
}
