/** What is durable of a subscription: one row, and rows for what failed, is parked or is dead. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DeadLetter } from "@waybill/queue";
import { NOTHING_OPEN, type ProgressDetail, type ProgressRow } from "../codec/progress-codec.ts";
import { int } from "../columns.ts";
import type { Events } from "../shared/events.ts";
import { mainGroup } from "../words.ts";

type Key = { place: string; group: string };

export class ProgressRows {
  private readonly events: Events;
  private readonly update: StatementSync;
  private readonly updateClosed: StatementSync;
  private readonly insert: StatementSync;
  private readonly putAttempt: StatementSync;
  private readonly removeAttempt: StatementSync;
  private readonly putParked: StatementSync;
  private readonly removeParked: StatementSync;
  private readonly parkedCount: StatementSync;
  private readonly addParked: StatementSync;
  private readonly putDead: StatementSync;
  private readonly removeDead: StatementSync;

  constructor(db: DatabaseSync, events: Events) {
    this.events = events;
    this.update = db.prepare(`
      UPDATE subscription SET generation = ?, cursor = ?, offered_to = ?, acked_to = ?, paused = ?, open = ?, open_count = ?, open_first = ?
      WHERE place = ? AND grp = ?`);
    // Nothing is open nearly always, and each value that is bound costs.
    this.updateClosed = db.prepare(`
      UPDATE subscription SET generation = ?, cursor = ?, offered_to = ?, acked_to = ?, paused = ?, open = '[]', open_count = 0, open_first = 0
      WHERE place = ? AND grp = ?`);
    this.insert = db.prepare(`
      INSERT INTO subscription (generation, cursor, offered_to, acked_to, paused, open, open_count, open_first, place, grp, policy, parked_count)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'block', 0)`);
    this.putAttempt = db.prepare("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.removeAttempt = db.prepare("DELETE FROM attempt WHERE place = ? AND grp = ? AND offset = ?");
    this.putParked = db.prepare("INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, ?)");
    this.removeParked = db.prepare("DELETE FROM parked WHERE place = ? AND grp = ? AND order_key = ? AND first = ?");
    this.parkedCount = db.prepare("SELECT count FROM parked WHERE place = ? AND grp = ? AND order_key = ? AND first = ?");
    this.addParked = db.prepare("UPDATE subscription SET parked_count = parked_count + ? WHERE place = ? AND grp = ?");
    this.putDead = db.prepare("INSERT OR REPLACE INTO dead VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.removeDead = db.prepare("DELETE FROM dead WHERE place = ? AND grp = ? AND offset = ?");
  }

  /** Of a group that was deleted meanwhile nothing is written: it must not come back by the last words of its reader. */
  apply(row: ProgressRow): void {
    if (this.writeRow(row) && row.detail !== null) this.applyDetail(row, row.detail);
  }

  private writeRow(row: ProgressRow): boolean {
    const { place, group, open } = row;
    const usual = [row.generation, row.cursor, row.offeredTo, row.ackedTo, row.paused ? 1 : 0] as const;
    const openParts = [open, row.openCount, row.openFirst] as const;
    const { changes } =
      open === NOTHING_OPEN ? this.updateClosed.run(...usual, place, group) : this.update.run(...usual, ...openParts, place, group);
    if (changes === 1) return true;
    if (group !== mainGroup) return false;
    this.insert.run(...usual, ...openParts, place, group);
    return true;
  }

  private applyDetail(key: Key, { attempts, parked, dead }: ProgressDetail): void {
    this.applyAttempts(key, attempts);
    this.applyParked(key, parked);
    for (const offset of dead.remove) this.removeDead.run(key.place, key.group, offset);
    for (const letter of dead.put) this.bury(key, letter);
  }

  private applyAttempts({ place, group }: Key, attempts: ProgressDetail["attempts"]): void {
    for (const offset of attempts.remove) this.removeAttempt.run(place, group, offset);
    for (const row of attempts.put) {
      const flags = [row.alone ? 1 : 0, row.stuck ? 1 : 0];
      this.putAttempt.run(
        place,
        group,
        row.offset,
        row.key,
        row.failed,
        row.interrupted,
        row.dueMs,
        ...flags,
        row.redrive,
        JSON.stringify(row.notes),
      );
    }
  }

  /** The count of parked offsets is kept with the subscription: they are unsettled, and fill the queue. */
  private applyParked({ place, group }: Key, parked: ProgressDetail["parked"]): void {
    let change = 0;
    const countAt = (orderKey: string, first: number): number => {
      const row = this.parkedCount.get(place, group, orderKey, first);
      return row === undefined ? 0 : int(row, "count");
    };
    for (const { key, first } of parked.remove) {
      change -= countAt(key, first);
      this.removeParked.run(place, group, key, first);
    }
    for (const { key, first, offsets } of parked.put) {
      change += offsets.length - countAt(key, first);
      this.putParked.run(place, group, key, first, JSON.stringify(offsets), offsets.length);
    }
    if (change !== 0) this.addParked.run(change, place, group);
  }

  /** The stored body first: one that was redacted since must not come back by way of a dead letter. */
  private bury({ place, group }: Key, letter: DeadLetter): void {
    const stored = this.events.get(place, letter.offset)?.event.body;
    const body = stored ?? (letter.ref instanceof Uint8Array ? letter.ref : new Uint8Array());
    this.putDead.run(
      place,
      group,
      letter.offset,
      letter.key,
      letter.type,
      letter.buriedAtMs,
      letter.redrive,
      JSON.stringify(letter.notes),
      body,
    );
  }
}
