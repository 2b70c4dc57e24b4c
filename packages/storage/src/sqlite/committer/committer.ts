/**
 * The one writer: runs groups of jobs, each group one synced transaction, and between them one slice of the work that
 * is done behind the confirm.
 *
 *   running ── full disk ──► running (the group was refused; progress and trimming go on from the ballast's space)
 *   running ── any failed transaction ──► state read again ──► running
 *   running ── failed sync or other I/O error ──► reopened and verified ──► running, or STORAGE_FAILED until it can be
 */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { StorageInfo, StorageStats } from "../../port.ts";
import { int } from "../columns.ts";
import { fileOf, openWriter } from "../database.ts";
import { failureOf, needsReopening } from "../failures.ts";
import { migrate } from "../migrate.ts";
import type { CommitterOptions, Job, Reply, ReplyValue, WriteCall } from "../protocol.ts";
import { Signals } from "../signals.ts";
import { Fault, plainRecentMax } from "../words.ts";
import { Ballast } from "./ballast.ts";
import { Meta } from "./meta.ts";
import { redact } from "./redact.ts";
import { Sealer } from "./sealer.ts";
import { openState, type State } from "./state.ts";
import { trim } from "./trim.ts";
import { WalGuard } from "./wal-guard.ts";

const cacheBytes = 16_777_216;

/** Work behind the confirm: each `next` is one transaction. */
type Task = Generator<void, void, void>;

export class Committer {
  readonly info: StorageInfo;
  private readonly options: CommitterOptions;
  private readonly ballast: Ballast;
  private db: DatabaseSync;
  private wal: WalGuard;
  private state: State;
  private sealing: Task | null = null;
  private readonly errands: { id: number; call: Errand; task: Generator<void, ReplyValue, void> | null }[] = [];
  private broken = false;

  /** Throws DATA_TOO_NEW, DATA_DAMAGED or STORAGE_FULL. The epoch is raised and on disk before anything is read. */
  constructor(options: CommitterOptions) {
    this.options = options;
    this.ballast = new Ballast(options.folder, options.ballastBytes);
    this.db = this.openDb();
    const format = migrate(this.db);
    const own = this.inTransaction("FULL", () => {
      const meta = new Meta(this.db);
      return { storageId: meta.storageId(), epoch: meta.raiseEpoch(), hubTimeMs: meta.hubTimeMs(options.wallMs) };
    });
    this.wal = new WalGuard(this.db, new Signals(options.signals), options.walBytesMax);
    this.state = openState(this.db, options);
    this.info = { ...own, format, hubTimeMs: Math.max(own.hubTimeMs, this.state.lastMs) };
  }

  /** Commits the jobs together and answers each; a job that cannot be done harms no other. */
  run(jobs: readonly Job[]): Reply[] {
    if (this.broken && !this.tryReopen()) {
      return jobs.map(({ id }) => ({
        id,
        failure: { code: "STORAGE_FAILED", message: "The storage could not write and is being opened again. Nothing of this was stored." },
      }));
    }
    const [errands, shorter] = partition(jobs, isErrand);
    for (const { id, call } of errands) this.errands.push({ id, call, task: null });
    const [refused, possible] = this.ballast.isReleased && !this.ballast.restore() ? partition(shorter, appends) : [[], shorter];
    const full = failureOf(
      new Fault("STORAGE_FULL", "The disk is full: publishes go on when there is room. Nothing that was confirmed is lost."),
    );
    return [...refused.map(({ id }) => ({ id, failure: full })), ...this.runGroup(possible)];
  }

  private runGroup(jobs: readonly Job[]): Reply[] {
    if (jobs.length === 0) return [];
    try {
      const sync = jobs.every((job) => job.type === "call" && lazyMethods.has(job.call.method)) ? "NORMAL" : "FULL";
      const replies = this.inTransaction(sync, () => jobs.map((job): Reply => ({ id: job.id, value: this.runJob(job) })));
      this.wal.afterCommit();
      return replies;
    } catch (error) {
      return this.afterFailure(jobs, error);
    }
  }

  /** Nothing of the group was stored. Those that had no part in the failure are tried again. */
  private afterFailure(jobs: readonly Job[], error: unknown): Reply[] {
    const failure = failureOf(error);
    if (needsReopening(error)) {
      this.broken = true;
      this.tryReopen();
      return jobs.map(({ id }) => ({ id, failure }));
    }
    this.readStateAgain();
    if (failure.code === "STORAGE_FULL") {
      const [refused, rest] = partition(jobs, appends);
      const isRoomMade = this.ballast.release();
      const again = refused.length > 0 || isRoomMade ? this.runGroup(rest) : rest.map(({ id }) => ({ id, failure }));
      return [...refused.map(({ id }) => ({ id, failure })), ...again];
    }
    if (jobs.length === 1) return jobs.map(({ id }) => ({ id, failure }));
    return jobs.flatMap((job) => this.runGroup([job]));
  }

  private runJob(job: Job): ReplyValue {
    if (job.type === "call") return this.runCall(job.call);
    for (const write of job.progress) this.state.progress.apply(write);
    if (job.items === null) return null;
    return this.state.appender.append(Buffer.from(job.items.buffer, job.items.byteOffset, job.items.byteLength), job.nowMs);
  }

  private runCall(call: WriteCall): ReplyValue {
    switch (call.method) {
      case "registerProducer":
        return this.state.producers.register(call.tenant, call.producer, call.incarnation);
      case "createSubscription":
        this.state.progress.create(call, call);
        return null;
      case "setTypes":
        this.state.progress.setTypes(call, call.types);
        return null;
      case "addNames": {
        const insert = this.db.prepare("INSERT OR IGNORE INTO name VALUES (?, ?, ?)");
        return call.ids.reduce((added, id) => added + Number(insert.run(call.tenant, call.kind, id).changes), 0);
      }
      case "putBlob":
        this.db.prepare("INSERT OR REPLACE INTO blob VALUES (?, ?, ?)").run(call.tenant, call.sha256, call.bytes);
        return null;
      case "audit":
        this.db
          .prepare("INSERT INTO audit (at_ms, tenant, by, action, detail) VALUES (?, ?, ?, ?, ?)")
          .run(this.state.lastMs, call.tenant, call.by, call.action, call.detail);
        return null;
      case "saveTime":
        new Meta(this.db).saveTime(call.nowMs, call.wallMs);
        return null;
      case "stats":
        return this.stats();
      case "lanes":
        return call.places.map((place) => this.state.lanes.get(place, call.producer).number);
      case "redact":
      case "trim":
        throw new Error(`${call.method} is an errand`);
    }
  }

  /** Whether a step has something to do. */
  get hasWork(): boolean {
    return !this.broken && (this.isSealing || this.errands.length > 0);
  }

  private get isSealing(): boolean {
    const oldest = this.state.index.segments[0];
    return this.sealing !== null || (oldest !== undefined && oldest.id < this.state.appender.openSegment);
  }

  /** Closed segments that wait to be sealed; when there are several, the confirm path has to wait for them. */
  get segmentsBehind(): number {
    return this.state.index.segments.filter((segment) => segment.id < this.state.appender.openSegment).length;
  }

  /** One slice, of sealing first. */
  step(): Reply[] {
    const replies = this.isSealing ? [] : this.runErrand();
    if (this.isSealing) this.sealSlice();
    return replies;
  }

  /** One step of a trim or a redaction. */
  private runErrand(): Reply[] {
    const errand = this.errands[0];
    if (errand === undefined) return [];
    try {
      errand.task ??=
        errand.call.method === "trim" ? trim(this.db, this.state.heads, errand.call) : redact(this.db, this.state, errand.call);
      const { task } = errand;
      const step = this.inTransaction("FULL", () => task.next());
      this.wal.afterCommit();
      if (step.done !== true) return [];
      this.errands.shift();
      return [{ id: errand.id, value: step.value }];
    } catch (error) {
      this.errands.shift();
      if (needsReopening(error)) this.broken = true;
      else this.readStateAgain();
      return [{ id: errand.id, failure: failureOf(error) }];
    }
  }

  /** Not synced: it rides along with the next commit, and if the power goes before, it is done again. */
  private sealSlice(): void {
    try {
      this.sealing ??= this.sealNext();
      const { sealing } = this;
      if (this.inTransaction("NORMAL", () => sealing.next()).done === true) this.sealing = null;
      this.wal.afterCommit();
    } catch (error) {
      this.sealing = null;
      if (needsReopening(error)) this.broken = true;
      else this.readStateAgain();
      if (failureOf(error).code === "STORAGE_FULL") this.ballast.release();
    }
  }

  private *sealNext(): Task {
    const { state } = this;
    const first = int(this.db.prepare("SELECT ifnull(min(seq), 0) AS seq FROM tail").get() ?? {}, "seq");
    if (first > 0 && first <= state.sealed.lastSeq) yield* new Sealer(this.db).sweep(first, state.sealed.lastSeq);
    const segment = state.index.segments[0];
    if (segment === undefined || segment.id >= state.appender.openSegment) return;
    const sealer = new Sealer(this.db);
    yield* sealer.seal(segment, plainRecentMax);
    yield;
    state.sealed = { segment: segment.id, lastSeq: segment.lastSeq };
    state.index.dropThrough(segment.id);
    state.events.forget();
    for (const part of [state.heads, state.lanes, state.plainIds]) part.sealedThrough(segment.id);
    yield* sealer.sweep(segment.firstSeq, segment.lastSeq, segment.bytes);
  }

  private stats(): StorageStats {
    const { folder } = this.options;
    const one = (sql: string): number => int(this.db.prepare(sql).get() ?? {}, "n");
    const tailEvents = this.state.index.events;
    return {
      events: one("SELECT ifnull(sum(events), 0) AS n FROM segment") + tailEvents,
      queues: this.state.heads.queues,
      tailEvents,
      segments: one("SELECT count(*) AS n FROM segment"),
      walBytes: this.wal.liveBytes,
      fileBytes: statSync(fileOf(folder)).size,
    };
  }

  close(): void {
    this.db.close();
  }

  private openDb(): DatabaseSync {
    const db = openWriter(this.options.folder, cacheBytes);
    if (this.options.fileBytesMax > 0) {
      const pageBytes = int(db.prepare("PRAGMA page_size").get() ?? {}, "page_size");
      db.exec(`PRAGMA max_page_count = ${Math.floor(this.options.fileBytesMax / pageBytes)}`);
    }
    return db;
  }

  private inTransaction<T>(sync: "FULL" | "NORMAL", work: () => T): T {
    if (sync === "NORMAL") this.db.exec("PRAGMA synchronous = NORMAL");
    try {
      this.db.exec("BEGIN IMMEDIATE");
      const result = work();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw error;
    } finally {
      if (sync === "NORMAL") this.db.exec("PRAGMA synchronous = FULL");
      this.state?.lanes.endTransaction();
    }
  }

  /** Work under way was derived from the old state: it begins again. */
  private readStateAgain(): void {
    this.sealing = null;
    for (const errand of this.errands) errand.task = null;
    this.state = openState(this.db, this.options);
  }

  /** Closes the file, opens it again, and writes and syncs before anything is trusted: that also overwrites what a failed sync left behind. */
  private tryReopen(): boolean {
    try {
      this.db.close();
    } catch {
      // It may be closed already; what counts is that the next one opens.
    }
    try {
      this.db = this.openDb();
      this.inTransaction("FULL", () => this.db.exec("UPDATE meta SET value = value WHERE name = 'epoch'"));
      this.db.exec("PRAGMA quick_check(1)");
      this.wal = new WalGuard(this.db, new Signals(this.options.signals), this.options.walBytesMax);
      this.readStateAgain();
      this.broken = false;
    } catch {
      this.broken = true;
    }
    return !this.broken;
  }
}

/** They ride along with the next commit. */
const lazyMethods: ReadonlySet<WriteCall["method"]> = new Set(["saveTime", "audit", "stats", "lanes"]);
type Errand = Extract<WriteCall, { method: "trim" | "redact" }>;
const isErrand = (job: Job): job is { id: number; type: "call"; call: Errand } =>
  job.type === "call" && (job.call.method === "trim" || job.call.method === "redact");
const appends = (job: Job): boolean => (job.type === "commit" ? job.items !== null : job.call.method === "putBlob");

function partition<T, F extends T>(all: readonly T[], isFirst: (one: T) => one is F): [F[], T[]];
function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]];
function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
