/**
 * Says whether a data folder is whole, offline and without changing it. One walk over all queues, homes first: what a home
 * says of its copies is met when their queues are walked. Memory grows with the tail and with what one queue has open,
 * not with the events.
 */
import type { DatabaseSync } from "node:sqlite";
import { placeOf, placeParts } from "../codec/batch-codec.ts";
import { int, text, textOrNull } from "../columns.ts";
import { Events } from "../shared/events.ts";
import { TailIndex } from "../shared/tail-index.ts";
import { Expectations } from "./expectations.ts";
import { type Finding, Findings } from "./findings.ts";
import { HomeCheck } from "./home-check.ts";
import { type OfflineFolder, openOffline } from "./offline-folder.ts";
import { PlaceCopies } from "./place-copies.ts";
import { PlaceEvents } from "./place-events.ts";
import { ProgressCheck } from "./progress-check.ts";
import { TailPlace, TailPlaces } from "./tail-places.ts";

export type VerifyCounts = {
  queues: number;
  events: number;
  tailCommits: number;
  segments: number;
  runs: number;
  lanes: number;
  copies: number;
  voids: number;
  subscriptions: number;
  attempts: number;
  parked: number;
  deadLetters: number;
  claims: number;
  plainIds: number;
};
export type VerifyReport = {
  format: number;
  /** `null`: nothing was written yet. */
  storageId: string | null;
  epoch: number;
  /** As it was saved last; `null`: never. */
  hubTimeMs: number | null;
  readAs: "in place" | "a copy";
  counts: VerifyCounts;
  /** The first 100. */
  findings: readonly Finding[];
  findingsCount: number;
};

/** Throws DATA_HELD, DATA_TOO_NEW, DATA_DAMAGED (it is no data folder) or STORAGE_FAILED (there is none). */
export function verifyFolder(path: string): VerifyReport {
  const folder = openOffline(path);
  try {
    return verifyOpened(folder);
  } finally {
    folder.close();
  }
}

/** The same of a folder that somebody holds, and goes on with. */
export function verifyOpened({ db, format, readAs }: OfflineFolder): VerifyReport {
  const findings = new Findings();
  const expectations = new Expectations();
  try {
    const counts = new Verification(db, findings, expectations).run();
    const meta = (name: string) => db.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.value;
    const [storageId, epoch, hubTimeMs] = [meta("storage_id"), meta("epoch"), meta("hub_time_ms")];
    return {
      format,
      storageId: typeof storageId === "string" ? storageId : null,
      epoch: typeof epoch === "number" ? epoch : 0,
      hubTimeMs: typeof hubTimeMs === "number" ? hubTimeMs : null,
      readAs,
      counts,
      findings: findings.listed,
      findingsCount: findings.count,
    };
  } finally {
    expectations.close();
  }
}

const isHome = (place: string): boolean => placeParts(place).queue.startsWith("store/");

class Verification {
  private readonly db: DatabaseSync;
  private readonly findings: Findings;
  private readonly expectations: Expectations;
  private readonly sealed: { segment: number; lastSeq: number; lastMs: number };
  private readonly tail: TailPlaces;
  private readonly events: PlaceEvents;
  private readonly single: Events;
  private readonly homes: HomeCheck;
  private readonly copies: PlaceCopies;
  private readonly progress: ProgressCheck;
  private readonly counts = { queues: 0, events: 0, claims: 0, plainIds: 0 };

  constructor(db: DatabaseSync, findings: Findings, expectations: Expectations) {
    this.db = db;
    this.findings = findings;
    this.expectations = expectations;
    findings.guard("sqlite", "waybill.db", () => this.askSqlite());
    this.sealed = findings.guard("segments", "segment", () => this.readSegments()) ?? { segment: 0, lastSeq: 0, lastMs: 0 };
    this.tail = new TailPlaces(db, this.sealed, findings);
    this.events = new PlaceEvents(db, this.sealed.segment, findings);
    this.single = new Events(db, new TailIndex());
    this.homes = new HomeCheck({ db, copies: expectations, findings });
    this.copies = new PlaceCopies({ facts: (place) => this.events.facts(place), expectations, findings });
    this.progress = new ProgressCheck(db, findings);
  }

  run(): VerifyCounts {
    const { findings } = this;
    findings.guard("claims", "claim", () => this.expectClaims());
    findings.guard("repeats", "plain_id", () => this.expectPlainIds());
    for (const isHomePass of [true, false]) {
      for (const place of this.places()) {
        if (isHome(place) === isHomePass) findings.guard("offsets", place, () => this.walk(place));
      }
    }
    for (const { place, ...expected } of this.expectations.unmet()) this.copies.missing(place, expected);
    findings.guard("segments", "segment", () => this.compareSegments());
    return {
      ...this.counts,
      ...this.homes.counts,
      ...this.progress.counts,
      tailCommits: this.tail.commits,
      segments: this.events.bySegment.size,
      runs: this.events.runs,
    };
  }

  private askSqlite(): void {
    for (const row of this.db.prepare("PRAGMA integrity_check(100)").iterate()) {
      const said = text(row, "integrity_check");
      if (said !== "ok") this.findings.add("sqlite", "waybill.db", said);
    }
  }

  private readSegments(): { segment: number; lastSeq: number; lastMs: number } {
    let before = { segment: 0, lastSeq: 0, lastMs: 0 };
    for (const row of this.db.prepare("SELECT id, last_seq, first_ms, last_ms FROM segment ORDER BY id").iterate()) {
      const now = { segment: int(row, "id"), lastSeq: int(row, "last_seq"), lastMs: int(row, "last_ms") };
      const where = `segment ${now.segment}`;
      if (now.lastSeq <= before.lastSeq)
        this.findings.add("segments", where, `it ends with commit ${now.lastSeq}, the one before with ${before.lastSeq}`);
      if (int(row, "first_ms") < before.lastMs || now.lastMs < int(row, "first_ms"))
        this.findings.add(
          "time",
          where,
          `it was recorded from ${int(row, "first_ms")} to ${now.lastMs}, the one before up to ${before.lastMs}`,
        );
      before = now;
    }
    return before;
  }

  /** Trims count down what they take, so this holds at any time. A run that no directory names is found by it. */
  private compareSegments(): void {
    for (const row of this.db.prepare("SELECT id, events FROM segment").iterate()) {
      const found = this.events.bySegment.get(int(row, "id")) ?? 0;
      if (found !== int(row, "events"))
        this.findings.add("segments", `segment ${int(row, "id")}`, `it counts ${int(row, "events")} events, and ${found} were found`);
    }
  }

  private *places(): Generator<string> {
    const named = this.db.prepare(`
      SELECT place FROM queue UNION SELECT place FROM subscription UNION SELECT place FROM lane UNION SELECT place FROM attempt
      UNION SELECT place FROM parked UNION SELECT place FROM dead ORDER BY 1`);
    const inTail = new Set(this.tail.places.keys());
    for (const row of named.iterate()) {
      const place = text(row, "place");
      inTail.delete(place);
      yield place;
    }
    yield* [...inTail].sort();
  }

  private walk(place: string): void {
    const { events, expectations } = this;
    const queue = events.facts(place);
    const tail = this.tail.places.get(place) ?? new TailPlace();
    const { firstKept } = queue;
    const home = isHome(place)
      ? this.homes.begin({ place, firstKept, tailLanes: tail.lanes, idOf: (offset) => this.idOf(place, offset, tail) })
      : null;
    const copy = this.copies.begin(place, firstKept, home === null);
    let head = firstKept - 1;
    let sealedHead = head;
    for (const found of events.of(place, queue, tail)) {
      this.counts.events += 1;
      head = Math.max(head, found.event.offset);
      if (found.source === "run") sealedHead = head;
      home?.event(found);
      copy.event(found);
    }
    home?.end();
    copy.end();
    expectations.met(place);
    if (head > 0) this.counts.queues += 1;
    if (queue.isKnown && (queue.head < sealedHead || queue.head > head))
      this.findings.add(
        "offsets",
        place,
        `its row says that ${queue.head} is its last sealed offset, and ${sealedHead} is, ${head} with the tail`,
      );
    this.progress.check(place, { head, firstKept });
  }

  /** Of one event that its queue's own later one refers to: rare. */
  private idOf(place: string, offset: number, tail: TailPlace): string | null {
    for (let i = 0; i < tail.count; i++) {
      if (tail.at(i).offset === offset) return this.events.idInTail(tail.at(i));
    }
    return this.findings.guard("checksum", place, () => this.single.get(place, offset)?.event.id ?? null);
  }

  private expectClaims(): void {
    for (const row of this.db.prepare("SELECT tenant, parcel, store, zone, ready_offset, pool_offset FROM claim").iterate()) {
      this.counts.claims += 1;
      const [tenant, parcel] = [text(row, "tenant"), text(row, "parcel")];
      const rest = { kind: "claim" as const, id: null, homeOffset: null, parcel, by: `claim of parcel ${parcel}` };
      const ready = int(row, "ready_offset");
      const pool = int(row, "pool_offset");
      if (ready > 0) this.expectations.add(placeOf(tenant, `store/${text(row, "store")}`), { ...rest, offset: ready });
      if (pool > 0) this.expectations.add(placeOf(tenant, `zone/${text(row, "zone")}`), { ...rest, offset: pool });
    }
  }

  /** Of a subject's last ids, which are all that is kept, none was stored twice. */
  private expectPlainIds(): void {
    let before: { subject: string; ids: Set<string> } = { subject: "", ids: new Set() };
    for (const row of this.db.prepare("SELECT subject, id, place, offset FROM plain_id ORDER BY subject, seq, fact").iterate()) {
      this.counts.plainIds += 1;
      const [subject, id] = [text(row, "subject"), text(row, "id")];
      if (before.subject !== subject) before = { subject, ids: new Set() };
      if (before.ids.has(id)) this.findings.add("repeats", `ids of ${subject}`, `${id} was stored twice`);
      before.ids.add(id);
      const expected = { kind: "id" as const, id, homeOffset: null, parcel: null, by: `ids of ${subject}` };
      this.expectations.add(textOrNull(row, "place") ?? "", { ...expected, offset: int(row, "offset") });
    }
  }
}
