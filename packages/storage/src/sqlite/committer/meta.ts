/** The few values a data folder has only one of: its id, the owner's epoch, hub time. */
import { randomUUID } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int, text } from "../columns.ts";

const dayMs = 86_400_000;

export class Meta {
  private readonly db: DatabaseSync;
  private readonly select: StatementSync;
  private readonly put: StatementSync;

  constructor(db: DatabaseSync) {
    this.db = db;
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

  epoch(): number {
    return this.number("epoch", 0);
  }

  raiseEpoch(): number {
    const epoch = this.epoch() + 1;
    this.put.run("epoch", epoch);
    return epoch;
  }

  /** The highest that any subscription has or had, or would begin with. */
  latestGeneration(): number {
    const written = this.db.prepare("SELECT ifnull(max(generation), 1) AS latest FROM subscription").get();
    return Math.max(this.number("generation", 1), this.deletedGeneration(), int(written ?? {}, "latest"));
  }

  /** Generations below this one were counted before a restore. */
  firstGeneration(): number {
    return this.number("generation", 1);
  }

  /** The highest of all groups that were deleted; 0: none was. */
  deletedGeneration(): number {
    return this.number("deleted_generation", 0);
  }

  noteDeleted(generation: number): void {
    this.put.run("deleted_generation", Math.max(generation, this.deletedGeneration()));
  }

  /** The folder is another one from now on (a restore). */
  become({ storageId, epoch, generation }: { storageId: string; epoch: number; generation: number }): void {
    // What was reset stays told apart: its cursor may stand before what was trimmed.
    this.db
      .prepare("UPDATE subscription SET generation = iif(generation > ?, ?, ?)")
      .run(this.firstGeneration(), generation + 1, generation);
    this.put.run("storage_id", storageId);
    this.put.run("epoch", epoch);
    this.put.run("generation", generation);
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
