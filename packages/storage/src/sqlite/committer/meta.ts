/** The few values a data folder has only one of: its id, the owner's epoch, hub time. */
import { randomUUID } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int, text } from "../columns.ts";

const dayMs = 86_400_000;

export class Meta {
  private readonly select: StatementSync;
  private readonly put: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare("SELECT value FROM meta WHERE name = ?");
    this.put = db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  }

  private number(name: string, otherwise: number): number {
    const row = this.select.get(name);
    return row === undefined ? otherwise : int(row, "value");
  }

  /** Made at the first call. */
  storageId(): string {
    const row = this.select.get("storage_id");
    if (row !== undefined) return text(row, "value");
    const id = randomUUID();
    this.put.run("storage_id", id);
    return id;
  }

  raiseEpoch(): number {
    const epoch = this.number("epoch", 0) + 1;
    this.put.run("epoch", epoch);
    return epoch;
  }

  /** Hub time now: what was saved, advanced by the wall clock's gap, which counts for a day at most and never backwards. */
  hubTimeMs(wallMs: number): number {
    const savedWallMs = this.number("wall_ms", wallMs);
    return this.number("hub_time_ms", wallMs) + Math.min(dayMs, Math.max(0, wallMs - savedWallMs));
  }

  /** Never backwards. */
  saveTime(nowMs: number, wallMs: number): void {
    this.put.run("hub_time_ms", Math.max(nowMs, this.number("hub_time_ms", 0)));
    this.put.run("wall_ms", wallMs);
  }
}
