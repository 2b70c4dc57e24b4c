/** The last 1,024 ids of each plain subject: by them a repeat is recognised. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int, text } from "../columns.ts";
import { plainRecentMax } from "../words.ts";

export type PlainId = { place: string; offset: number };
/** Oldest first. `isWhole`: the rows have been read; until then only what the tail had. */
type Subject = { ids: Map<string, PlainId>; isWhole: boolean; tailSegment: number };

const subjectsMax = 10_000;

export class PlainIds {
  private readonly subjects = new Map<string, Subject>();
  private readonly select: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare(
      `SELECT id, place, offset FROM plain_id WHERE subject = ? ORDER BY seq DESC, fact DESC LIMIT ${plainRecentMax}`,
    );
  }

  /** `subject` is `tenant/subject`. */
  find(subject: string, id: string): PlainId | undefined {
    return this.subjectOf(subject).ids.get(id);
  }

  remember(subject: string, id: string, stored: PlainId, segment: number): void {
    const known = this.subjectOf(subject);
    known.ids.set(id, stored);
    known.tailSegment = segment;
    this.bound(known);
  }

  /** As `remember`, for what a start finds in the tail: nothing is looked up yet. */
  restore(subject: string, id: string, stored: PlainId, segment: number): void {
    let known = this.subjects.get(subject);
    if (known === undefined) {
      known = { ids: new Map(), isWhole: false, tailSegment: segment };
      this.subjects.set(subject, known);
    }
    known.ids.delete(id);
    known.ids.set(id, stored);
    known.tailSegment = segment;
    this.bound(known);
  }

  private subjectOf(subject: string): Subject {
    const known = this.subjects.get(subject);
    if (known?.isWhole) return known;
    const ids = new Map<string, PlainId>();
    for (const row of this.select.all(subject).reverse())
      ids.set(text(row, "id"), { place: text(row, "place"), offset: int(row, "offset") });
    for (const [id, stored] of known?.ids ?? []) {
      ids.delete(id);
      ids.set(id, stored);
    }
    const whole = { ids, isWhole: true, tailSegment: known?.tailSegment ?? 0 };
    this.bound(whole);
    this.subjects.set(subject, whole);
    return whole;
  }

  private bound({ ids }: Subject): void {
    for (const id of ids.keys()) {
      if (ids.size <= plainRecentMax) return;
      ids.delete(id);
    }
  }

  sealedThrough(segment: number): void {
    if (this.subjects.size <= subjectsMax) return;
    for (const [name, subject] of this.subjects) if (subject.tailSegment <= segment) this.subjects.delete(name);
  }
}
