/** The last 1,024 ids of each plain subject: by them a repeat is recognised. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ByteWriter } from "../codec/bytes.ts";
import { int, text } from "../columns.ts";
import { plainRecentMax } from "../words.ts";
import { RecentIds } from "./recent-ids.ts";

export type PlainId = { place: string; offset: number };
/** `isWhole`: the rows have been read; until then only what the tail had. */
export type PlainSubject = { ids: RecentIds; isWhole: boolean; tailSegment: number };

const subjectsMax = 10_000;

export class PlainIds {
  private readonly subjects = new Map<string, PlainSubject>();
  private readonly select: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare(
      `SELECT id, place, offset FROM plain_id WHERE subject = ? ORDER BY seq DESC, fact DESC LIMIT ${plainRecentMax}`,
    );
  }

  /** `subject` is `tenant/subject`. To be asked again behind `sealedThrough`. */
  of(subject: string): PlainSubject {
    const known = this.subjects.get(subject);
    if (known?.isWhole) return known;
    const ids = new RecentIds(plainRecentMax);
    for (const row of this.select.all(subject).reverse()) {
      const id = bytesOf(text(row, "id"));
      const isLater = known !== undefined && known.ids.find(id, 0, id.length) >= 0;
      if (!isLater) ids.add(id, 0, id.length, { place: text(row, "place"), offset: int(row, "offset") });
    }
    if (known !== undefined) ids.addAll(known.ids);
    const whole = { ids, isWhole: true, tailSegment: known?.tailSegment ?? 0 };
    this.subjects.set(subject, whole);
    return whole;
  }

  /** For what a start finds in the tail, in its order: nothing is looked up yet. */
  restore(subject: string, id: string, stored: PlainId, segment: number): void {
    const known = this.subjects.get(subject) ?? { ids: new RecentIds(plainRecentMax), isWhole: false, tailSegment: segment };
    this.subjects.set(subject, known);
    const bytes = bytesOf(id);
    if (known.ids.find(bytes, 0, bytes.length) < 0) known.ids.add(bytes, 0, bytes.length, stored);
    known.tailSegment = segment;
  }

  sealedThrough(segment: number): void {
    if (this.subjects.size <= subjectsMax) return;
    for (const [name, subject] of this.subjects) if (subject.tailSegment <= segment) this.subjects.delete(name);
  }
}

/** As an id stands in a batch: its length in front. */
function bytesOf(id: string): Uint8Array {
  const writer = new ByteWriter(id.length + 1);
  writer.text(id);
  return writer.written();
}
