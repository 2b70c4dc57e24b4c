/** Single events by place and offset, wherever they are: in a run, or still in the tail. */
import type { DatabaseSync } from "node:sqlite";
import { placeParts } from "../codec/batch-codec.ts";
import type { RunEvent } from "../codec/run-codec.ts";
import { textAt } from "../codec/strings.ts";
import { copyAt, newTailFact, type TailRow } from "../codec/tail-codec.ts";
import { type QueueRow, Runs } from "./runs.ts";
import type { FoundPosition, TailIndex } from "./tail-index.ts";
import { TailRows } from "./tail-rows.ts";

const rowsBytesMax = 8_388_608;

export class Events {
  readonly index: TailIndex;
  readonly rows: TailRows;
  readonly runs: Runs;
  /** The run that was read last, decoded: neighbours are asked for one after the other. */
  private last: { place: string; events: Map<number, RunEvent> } = { place: "", events: new Map() };

  constructor(db: DatabaseSync, index: TailIndex) {
    this.index = index;
    this.rows = new TailRows(db, rowsBytesMax);
    this.runs = new Runs(db);
  }

  /** `null`: trimmed, or never there. */
  get(place: string, offset: number, queue?: QueueRow): RunEvent | null {
    const position = this.index.find(place, offset);
    if (position !== null) return tailEvent(this.rows.get(position.seq), position, placeParts(place).queue, offset);
    const known = this.last.place === place ? this.last.events.get(offset) : undefined;
    if (known !== undefined) return known;
    const queueRow = queue ?? this.runs.queue(place);
    if (offset < queueRow.firstKept || offset > queueRow.head) return null;
    const run = this.runs.holding(place, queueRow, offset);
    const events = new Map<number, RunEvent>();
    run.forEach(placeParts(place).queue, { from: run.first, to: run.last }, (event) => events.set(event.event.offset, event));
    this.last = { place, events };
    return events.get(offset) ?? null;
  }

  /** To be called when rows may have changed. */
  forget(): void {
    this.last = { place: "", events: new Map() };
    this.rows.clear();
  }
}

function tailEvent(row: TailRow, { at, bodyAt, copy: copyIndex }: FoundPosition, queue: string, offset: number): RunEvent {
  const fact = newTailFact();
  row.read(fact, at, row.bodiesFrom + bodyAt);
  const copy = copyAt(fact, copyIndex);
  const isOwn = copy?.own ?? false;
  const event = {
    queue,
    offset,
    recordedAtMs: row.recordedAtMs,
    id: copy?.own ? copy.id : row.textAt(fact.idFrom),
    type: textAt(row.strings, copy?.type ?? fact.type),
    parcel: row.textAt(fact.parcelFrom),
    producer: textAt(row.strings, fact.producer),
    number: isOwn ? 0 : fact.number,
    homeOffset: copy?.homeOffset ?? fact.offset,
    body: row.bytes.subarray(copy?.bodyFrom ?? fact.bodyFrom, copy?.bodyTo ?? fact.bodyTo),
  };
  if (copy !== null) return { event, previous: 0, copies: [] };
  const copies = fact.copies.map((one) => ({
    place: textAt(row.strings, one.place),
    offset: one.offset,
    homeOffset: one.own ? one.homeOffset : 0,
  }));
  return { event, previous: fact.previous, copies };
}
