/** What is kept of the subscriptions of one queue. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { GroupOrder } from "@waybill/events";
import { int, type Row, text } from "../columns.ts";
import { firstGeneration } from "../shared/first-generation.ts";
import { mainGroup } from "../words.ts";
import type { Findings } from "./findings.ts";

type Range = readonly [from: number, to: number];
type Subscription = { place: string; group: string; cursor: number; open: readonly Range[]; parked: Set<number>; dead: Set<number> };
const orders: readonly string[] = ["key", "queue"] satisfies GroupOrder[];
export type Bounds = { head: number; firstKept: number };

export class ProgressCheck {
  readonly counts = { subscriptions: 0, attempts: 0, parked: 0, deadLetters: 0 };
  private readonly findings: Findings;
  private readonly firstGeneration: number;
  private readonly selectGroups: StatementSync;
  private readonly selectSubscription: StatementSync;
  private readonly selectAttempts: StatementSync;
  private readonly selectParked: StatementSync;
  private readonly selectDead: StatementSync;

  constructor(db: DatabaseSync, findings: Findings) {
    this.findings = findings;
    this.firstGeneration = int(db.prepare(`SELECT ${firstGeneration} AS first`).get() ?? {}, "first");
    this.selectGroups = db.prepare(`
      SELECT grp FROM subscription WHERE place = ?1 UNION SELECT grp FROM attempt WHERE place = ?1
      UNION SELECT grp FROM parked WHERE place = ?1 UNION SELECT grp FROM dead WHERE place = ?1`);
    this.selectSubscription = db.prepare("SELECT * FROM subscription WHERE place = ? AND grp = ?");
    this.selectAttempts = db.prepare("SELECT offset, redrive, notes FROM attempt WHERE place = ? AND grp = ? ORDER BY offset");
    this.selectParked = db.prepare(
      "SELECT order_key, first, offsets, count FROM parked WHERE place = ? AND grp = ? ORDER BY order_key, first",
    );
    this.selectDead = db.prepare("SELECT offset, notes, length(body) AS bytes FROM dead WHERE place = ? AND grp = ? ORDER BY offset");
  }

  /** All groups of this queue. */
  check(place: string, bounds: Bounds): void {
    const groups = this.selectGroups.all(place).map((row) => text(row, "grp"));
    for (const group of groups) this.findings.guard("progress", `${place}, group ${group}`, () => this.checkGroup(place, group, bounds));
    if (!groups.includes(mainGroup) && bounds.firstKept > 1)
      this.add(place, mainGroup, `it has settled nothing, and offsets up to ${bounds.firstKept - 1} were trimmed`);
  }

  private add(place: string, group: string, what: string): void {
    this.findings.add("progress", `${place}, group ${group}`, what);
  }

  private checkGroup(place: string, group: string, bounds: Bounds): void {
    this.counts.subscriptions += 1;
    const row = this.selectSubscription.get(place, group);
    const cursor = row === undefined ? 0 : int(row, "cursor");
    const open = row === undefined ? [] : rangesOf(text(row, "open"));
    const subscription: Subscription = { place, group, cursor, open, parked: new Set(), dead: new Set() };
    this.checkParked(subscription, row);
    this.checkDead(subscription, bounds);
    this.checkAttempts(subscription, bounds);
    if (row !== undefined) this.checkRow(subscription, row, bounds);
  }

  private checkRow({ place, group, cursor, open, parked }: Subscription, row: Row, { head, firstKept }: Bounds): void {
    if (cursor > head) this.add(place, group, `its cursor is at ${cursor}, beyond the queue's end at ${head}`);
    const generation = int(row, "generation");
    if (generation < this.firstGeneration)
      this.add(place, group, `its generation is ${generation}, of before the restore that began with ${this.firstGeneration}`);
    const offeredTo = int(row, "offered_to");
    if (offeredTo > head) this.add(place, group, `it offered events up to ${offeredTo}, beyond the queue's end at ${head}`);
    const ackedTo = int(row, "acked_to");
    if (ackedTo > head) this.add(place, group, `it was acked up to ${ackedTo}, beyond the queue's end at ${head}`);
    if (!orders.includes(text(row, "ordering"))) this.add(place, group, `it keeps the order "${text(row, "ordering")}", which is none`);
    let last = 0;
    for (const [from, to] of open) {
      if (from > to || from <= last) this.add(place, group, `its open range ${from} to ${to} is out of order`);
      last = Math.max(last, to);
    }
    if (last > cursor) this.add(place, group, `offset ${last} is open, beyond its cursor at ${cursor}`);
    const count = open.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    if (int(row, "open_count") !== count)
      this.add(place, group, `it says that ${int(row, "open_count")} events are open, and ${count} are`);
    const first = open[0]?.[0] ?? 0;
    if (int(row, "open_first") !== first)
      this.add(place, group, `it says that ${int(row, "open_first")} is its first open offset, and ${first} is`);
    const unsettled = Math.min(cursor + 1, first || Number.POSITIVE_INFINITY, ...firstOf(parked));
    // A reset leads back before what was trimmed: a gap, which is not settled until a consumer has confirmed it, over restores as well.
    const isReset = generation > this.firstGeneration;
    if (group === mainGroup && unsettled < firstKept && !isReset)
      this.add(place, group, `offset ${unsettled} is not settled, and was trimmed`);
  }

  private checkParked(subscription: Subscription, row: Row | undefined): void {
    const { place, group, cursor, open, parked } = subscription;
    let before = { key: "", last: 0 };
    for (const chunk of this.selectParked.iterate(place, group)) {
      const [key, first] = [text(chunk, "order_key"), int(chunk, "first")];
      const offsets = offsetsOf(text(chunk, "offsets"));
      const name = `its parked offsets of ${key} from ${first} on`;
      const isAscending = offsets.every((offset, i) => offset > (i === 0 && before.key === key ? before.last : (offsets[i - 1] ?? 0)));
      if (offsets[0] !== first || !isAscending) this.add(place, group, `${name} are out of order`);
      if (int(chunk, "count") !== offsets.length)
        this.add(place, group, `${name} are ${offsets.length}, and ${int(chunk, "count")} are counted`);
      for (const offset of offsets) {
        if (offset > cursor) this.add(place, group, `offset ${offset} is parked, beyond its cursor at ${cursor}`);
        if (parked.has(offset)) this.add(place, group, `offset ${offset} is parked twice`);
        if (isIn(open, offset)) this.add(place, group, `offset ${offset} is parked and open`);
        parked.add(offset);
      }
      before = { key, last: offsets.at(-1) ?? 0 };
    }
    this.counts.parked += parked.size;
    const counted = row === undefined ? 0 : int(row, "parked_count");
    if (counted !== parked.size) this.add(place, group, `it says that ${counted} offsets are parked, and ${parked.size} are`);
  }

  private checkDead({ place, group, cursor, dead }: Subscription, { head }: Bounds): void {
    for (const row of this.selectDead.iterate(place, group)) {
      const offset = int(row, "offset");
      this.counts.deadLetters += 1;
      listOf(text(row, "notes"));
      if (offset < 1 || offset > Math.min(head, cursor)) this.add(place, group, `dead letter ${offset} is beyond its cursor at ${cursor}`);
      if (int(row, "bytes") === 0) this.add(place, group, `dead letter ${offset} has no body`);
      dead.add(offset);
    }
  }

  private checkAttempts({ place, group, cursor, open, parked, dead }: Subscription, { head }: Bounds): void {
    for (const row of this.selectAttempts.iterate(place, group)) {
      const offset = int(row, "offset");
      this.counts.attempts += 1;
      listOf(text(row, "notes"));
      if (offset < 1 || offset > head) this.add(place, group, `attempts of offset ${offset}, beyond the queue's end at ${head}`);
      else if (offset <= cursor && !isIn(open, offset) && !parked.has(offset) && !dead.has(offset))
        this.add(place, group, `attempts of offset ${offset}, which is settled`);
    }
  }
}

/** Throws when the text is no JSON list. */
function listOf(json: string): unknown[] {
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list)) throw new Error(`${json.slice(0, 40)} is no list`);
  return list;
}

const isOffset = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value > 0;

function offsetsOf(json: string): number[] {
  const offsets = listOf(json);
  if (!offsets.every(isOffset)) throw new Error(`${json.slice(0, 40)} is no list of offsets`);
  return offsets;
}

function rangesOf(json: string): Range[] {
  return listOf(json).map((range) => {
    const [from, to] = offsetsOf(JSON.stringify(range));
    if (from === undefined || to === undefined) throw new Error(`${json.slice(0, 40)} is no list of ranges`);
    return [from, to];
  });
}

const isIn = (ranges: readonly Range[], offset: number): boolean => ranges.some(([from, to]) => from <= offset && offset <= to);

function firstOf(offsets: ReadonlySet<number>): number[] {
  let first = Number.POSITIVE_INFINITY;
  for (const offset of offsets) first = Math.min(first, offset);
  return offsets.size === 0 ? [] : [first];
}
