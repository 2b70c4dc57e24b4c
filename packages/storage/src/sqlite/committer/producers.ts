/** The incarnation of each producer: an outbox is held by one process, and the newest one holds it. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int } from "../columns.ts";
import { PairMap } from "./pair-map.ts";

const producersMax = 100_000;

export class Producers {
  /** By tenant, then by producer. */
  private readonly known = new PairMap<number>();
  private readonly select: StatementSync;
  private readonly put: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare("SELECT incarnation FROM producer WHERE tenant = ? AND producer = ?");
    this.put = db.prepare("INSERT OR REPLACE INTO producer VALUES (?, ?, ?)");
  }

  /** 0: never registered. */
  incarnation(tenant: string, producer: string): number {
    const known = this.known.get(tenant, producer);
    if (known !== undefined) return known;
    const row = this.select.get(tenant, producer);
    const incarnation = row === undefined ? 0 : int(row, "incarnation");
    this.keep(tenant, producer, incarnation);
    return incarnation;
  }

  private keep(tenant: string, producer: string, incarnation: number): void {
    if (this.known.size >= producersMax) this.known.clear();
    this.known.set(tenant, producer, incarnation);
  }

  register(tenant: string, producer: string, incarnation: number): boolean {
    const known = this.incarnation(tenant, producer);
    if (known > incarnation) return false;
    if (known < incarnation) this.put.run(tenant, producer, incarnation);
    this.keep(tenant, producer, incarnation);
    return true;
  }
}
