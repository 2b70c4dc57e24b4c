/**
 * What one place says of another: a home event of its copies, a claim of its offsets, a plain subject of its ids. Kept in a
 * temporary database, which goes to disk when it grows, and met in the order of the offsets while a queue is walked.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { int, type Row, text, textOrNull } from "../columns.ts";

/** `null`: any. `by` says who expects it, for a finding. */
export type Expectation = {
  offset: number;
  kind: "copy" | "claim" | "id";
  id: string | null;
  homeOffset: number | null;
  parcel: string | null;
  by: string;
};

export class Expectations {
  private readonly db = new DatabaseSync("");
  private readonly insert: StatementSync;
  private readonly select: StatementSync;
  private readonly forget: StatementSync;

  constructor() {
    this.db.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;
      CREATE TABLE expected (place TEXT, offset INTEGER, kind TEXT, id TEXT, home_offset INTEGER, parcel TEXT, by TEXT);
      CREATE INDEX expected_at ON expected (place, offset);
      BEGIN`);
    this.insert = this.db.prepare("INSERT INTO expected VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.select = this.db.prepare("SELECT * FROM expected WHERE place = ? ORDER BY offset");
    this.forget = this.db.prepare("DELETE FROM expected WHERE place = ?");
  }

  add(place: string, { offset, kind, id, homeOffset, parcel, by }: Expectation): void {
    this.insert.run(place, offset, kind, id, homeOffset, parcel, by);
  }

  *of(place: string): Generator<Expectation> {
    for (const row of this.select.iterate(place)) yield expectationOf(row);
  }

  /** The place was walked. */
  met(place: string): void {
    this.forget.run(place);
  }

  *unmet(): Generator<Expectation & { place: string }> {
    for (const row of this.db.prepare("SELECT * FROM expected ORDER BY place, offset").iterate())
      yield { ...expectationOf(row), place: text(row, "place") };
  }

  close(): void {
    this.db.close();
  }
}

function expectationOf(row: Row): Expectation {
  const kind = text(row, "kind");
  return {
    offset: int(row, "offset"),
    kind: kind === "copy" || kind === "claim" ? kind : "id",
    id: textOrNull(row, "id"),
    homeOffset: row.home_offset === null ? null : int(row, "home_offset"),
    parcel: textOrNull(row, "parcel"),
    by: text(row, "by"),
  };
}
