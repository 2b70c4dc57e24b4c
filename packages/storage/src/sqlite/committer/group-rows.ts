/** Groups as such: made, changed, set back and deleted. Their progress is written beside, in progress.ts. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { GroupOrder } from "@waybill/events";
import type { ResetWrite } from "@waybill/queue";
import { int } from "../columns.ts";
import { firstGeneration } from "../shared/first-generation.ts";
import { groupsPerQueueMax, mainGroup } from "../words.ts";
import { Meta } from "./meta.ts";

type Key = { place: string; group: string };
type Made = { cursor: number; types: readonly string[] | null; policy: string; order: GroupOrder };

export class GroupRows {
  private readonly meta: Meta;
  private readonly insert: StatementSync;
  private readonly select: StatementSync;
  private readonly countOthers: StatementSync;
  private readonly types: StatementSync;
  private readonly policy: StatementSync;
  private readonly put: StatementSync;
  private readonly dropAttempts: StatementSync;
  private readonly dropLetters: StatementSync;
  private readonly dropParked: StatementSync;
  private readonly drop: StatementSync;

  constructor(db: DatabaseSync) {
    this.meta = new Meta(db);
    this.insert = db.prepare(`
      INSERT INTO subscription (place, grp, types, policy, ordering, generation, cursor, open, open_count, open_first, offered_to, paused, parked_count)
      VALUES (?, ?, ?, ?, ?, max(${firstGeneration}, ?), ?, '[]', 0, 0, ?, 0, 0) ON CONFLICT (place, grp) DO NOTHING`);
    this.select = db.prepare("SELECT generation FROM subscription WHERE place = ? AND grp = ?");
    this.countOthers = db.prepare(`SELECT count(*) AS n FROM subscription WHERE place = ? AND grp NOT IN ('${mainGroup}', ?)`);
    this.types = db.prepare("UPDATE subscription SET types = ? WHERE place = ? AND grp = ?");
    this.policy = db.prepare("UPDATE subscription SET policy = ? WHERE place = ? AND grp = ?");
    this.put = db.prepare(`
      UPDATE subscription SET generation = ?1, cursor = ?2, open = '[]', open_count = 0, open_first = 0, offered_to = ?2, acked_to = ?3,
        parked_count = 0 WHERE place = ?4 AND grp = ?5`);
    this.dropAttempts = db.prepare("DELETE FROM attempt WHERE place = ? AND grp = ? AND (redrive = 0 OR offset >= ?)");
    this.dropLetters = db.prepare("DELETE FROM dead WHERE place = ? AND grp = ? AND offset >= ?");
    this.dropParked = db.prepare("DELETE FROM parked WHERE place = ? AND grp = ?");
    this.drop = db.prepare("DELETE FROM subscription WHERE place = ? AND grp = ?");
  }

  /** Leaves an existing row as it is. `false`: the queue has as many groups as it may; `main` is one of them, written or not. */
  create(key: Key, { cursor, types, policy, order }: Made): boolean {
    const others = int(this.countOthers.get(key.place, key.group) ?? {}, "n");
    if (key.group !== mainGroup && others + 2 > groupsPerQueueMax) return false;
    const text = types === null ? null : JSON.stringify(types);
    // A group may have had this name before: who remembers its generation must not take this one for it.
    this.insert.run(key.place, key.group, text, policy, order, this.meta.deletedGeneration() + 1, cursor, cursor);
    return true;
  }

  setTypes(key: Key, types: readonly string[] | null): void {
    this.writeMain(key);
    this.types.run(types === null ? null : JSON.stringify(types), key.place, key.group);
  }

  setPolicy(key: Key, policy: "block" | "skip"): void {
    this.writeMain(key);
    this.policy.run(policy, key.place, key.group);
  }

  /** `false`: there is no such group. */
  reset(key: Key, { generation, cursor, ackedTo, lettersFrom }: ResetWrite): boolean {
    this.writeMain(key);
    if (this.put.run(generation, cursor, ackedTo, key.place, key.group).changes === 0) return false;
    this.dropAttempts.run(key.place, key.group, lettersFrom);
    this.dropLetters.run(key.place, key.group, lettersFrom);
    this.dropParked.run(key.place, key.group);
    return true;
  }

  /** `false`: there is no such group. */
  remove({ place, group }: Key): boolean {
    const row = this.select.get(place, group);
    if (row === undefined) return false;
    this.meta.noteDeleted(int(row, "generation"));
    this.dropAttempts.run(place, group, 0);
    this.dropLetters.run(place, group, 0);
    this.dropParked.run(place, group);
    this.drop.run(place, group);
    return true;
  }

  /** Group `main` is there without having been made. */
  private writeMain({ place, group }: Key): void {
    if (group === mainGroup) this.insert.run(place, group, null, "block", "key", 0, 0, 0);
  }
}
