/**
 * The tail, read once: where each queue's events are in it, and how its lanes go on there. A few numbers per event that is
 * not sealed yet, as a hub keeps them.
 */
import type { DatabaseSync } from "node:sqlite";
import { fromNumbered, fromPlain, subjectOf } from "../codec/batch-codec.ts";
import { textAt } from "../codec/strings.ts";
import { checkedTailRow, forEachFact, type TailFact, type TailRow, voidFact } from "../codec/tail-codec.ts";
import { blob, int } from "../columns.ts";
import { plainRecentMax } from "../words.ts";
import type { Findings } from "./findings.ts";

const stride = 5;
export type TailPosition = { offset: number; seq: number; at: number; bodyAt: number; copy: number };
/** Numbers of a lane in the tail, events and voids. `lastOffset`: its latest event there, 0: none. */
export type TailLane = { first: number; last: number; lastOffset: number };

export class TailPlace {
  readonly positions: number[] = [];
  readonly lanes = new Map<string, TailLane>();

  get count(): number {
    return this.positions.length / stride;
  }
  at(index: number): TailPosition {
    const [offset = 0, seq = 0, at = 0, bodyAt = 0, copy = -1] = this.positions.slice(index * stride, (index + 1) * stride);
    return { offset, seq, at, bodyAt, copy };
  }
}

export class TailPlaces {
  readonly places = new Map<string, TailPlace>();
  commits = 0;
  private readonly findings: Findings;
  private readonly plain = new Map<string, Set<string>>();

  /** Rows up to `sealed.lastSeq` are on their way out: they only have to read as they were written. */
  constructor(db: DatabaseSync, sealed: { segment: number; lastSeq: number; lastMs: number }, findings: Findings) {
    this.findings = findings;
    let before = { seq: sealed.lastSeq, segment: sealed.segment + 1, ms: sealed.lastMs };
    for (const found of db.prepare("SELECT seq, segment, blob FROM tail ORDER BY seq").iterate()) {
      const seq = int(found, "seq");
      const where = `commit ${seq} of the tail`;
      const row = findings.guard("checksum", where, () => checkedTailRow(seq, blob(found, "blob")));
      if (seq <= sealed.lastSeq) continue;
      this.commits += 1;
      const segment = int(found, "segment");
      if (seq !== before.seq + 1) findings.add("offsets", where, `it follows commit ${before.seq}: ${seq - before.seq - 1} are missing`);
      if (segment < before.segment) findings.add("segments", where, `it says segment ${segment}, and segment ${before.segment} is older`);
      if (row !== null && row.recordedAtMs < before.ms) findings.add("time", where, `recorded at ${row.recordedAtMs}, after ${before.ms}`);
      if (row !== null) findings.guard("checksum", where, () => this.add(row, where));
      before = { seq, segment, ms: row?.recordedAtMs ?? before.ms };
    }
  }

  private add(row: TailRow, where: string): void {
    forEachFact(row, (fact, at) => {
      const name = textAt(row.strings, fact.place);
      const home = this.placeOf(name);
      const producer = textAt(row.strings, fact.producer);
      if (fact.kind === fromNumbered || fact.kind === voidFact)
        this.addNumber(home, `${name}, lane of ${producer}, ${where}`, producer, fact);
      if (fact.kind === voidFact) return;
      if (fact.kind === fromPlain) this.addPlain(subjectOf(name, producer), row.textAt(fact.idFrom), where);
      home.positions.push(fact.offset, row.seq, at, fact.bodyFrom, -1);
      fact.copies.forEach(({ place, offset }, i) => {
        this.placeOf(textAt(row.strings, place)).positions.push(offset, row.seq, at, fact.bodyFrom, i);
      });
    });
  }

  private addNumber(home: TailPlace, where: string, producer: string, { number, offset }: TailFact): void {
    const lane = home.lanes.get(producer);
    if (lane === undefined) {
      home.lanes.set(producer, { first: number, last: number, lastOffset: offset });
      return;
    }
    if (number !== lane.last + 1) this.findings.add("lanes", where, `number ${number} follows number ${lane.last}`);
    lane.last = Math.max(lane.last, number);
    if (offset > 0) lane.lastOffset = offset;
  }

  /** Of a subject's last 1,024 ids none is stored again. */
  private addPlain(subject: string, id: string, where: string): void {
    const ids = this.plain.get(subject) ?? new Set();
    this.plain.set(subject, ids);
    if (ids.has(id)) this.findings.add("repeats", where, `${subject} published ${id} before, and it was stored again`);
    ids.delete(id);
    ids.add(id);
    for (const oldest of ids) {
      if (ids.size <= plainRecentMax) break;
      ids.delete(oldest);
    }
  }

  private placeOf(name: string): TailPlace {
    const place = this.places.get(name) ?? new TailPlace();
    this.places.set(name, place);
    return place;
  }
}
