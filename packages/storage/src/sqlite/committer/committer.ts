/**
 * The one writer: runs groups of jobs, each group one synced transaction, and between them one slice of the work that
 * is done behind the confirm.
 *
 *   running ── full disk ──► running (publishes are refused; the ballast is released for progress and trimming)
 *   running ── any failed transaction ──► the state is read again ──► running
 *   running ── failed sync or other I/O error ──► broken ── reopened and verified ──► running
 */
import type { StorageInfo } from "../../port.ts";
import { bufferOf } from "../codec/bytes.ts";
import { CommitReader, hasItems } from "../codec/commit-codec.ts";
import { failureOf, needsReopening } from "../failures.ts";
import { migrate } from "../migrate.ts";
import type { CommitterOptions, ErrandJob, Job, Reply, ReplyValue } from "../protocol.ts";
import { Signals } from "../signals.ts";
import { Fault } from "../words.ts";
import { Ballast } from "./ballast.ts";
import { Behind } from "./behind.ts";
import { lazyMethods, runCall } from "./calls.ts";
import { Connection } from "./connection.ts";
import { Meta } from "./meta.ts";
import { openState, type State } from "./state.ts";
import { WalGuard } from "./wal-guard.ts";

export class Committer {
  readonly info: StorageInfo;
  private readonly options: CommitterOptions;
  private readonly ballast: Ballast;
  private readonly connection: Connection;
  private wal: WalGuard;
  private state: State;
  private behind: Behind;
  private broken = false;

  /** Throws DATA_TOO_NEW, DATA_DAMAGED or STORAGE_FULL. The epoch is raised and on disk before anything is read. */
  constructor(options: CommitterOptions) {
    this.options = options;
    this.ballast = new Ballast(options.folder, options.ballastBytes);
    this.connection = new Connection(options.folder, options.fileBytesMax);
    const format = migrate(this.connection.db);
    const own = this.connection.transaction("FULL", () => {
      const meta = new Meta(this.connection.db);
      const hubTimeMs = meta.hubTimeMs(options.wallMs);
      // Saved at once: a hub that dies young must not come back in an earlier hour.
      meta.saveTime(hubTimeMs, options.wallMs);
      return {
        storageId: meta.storageId(),
        epoch: meta.raiseEpoch(),
        hubTimeMs,
        firstGeneration: meta.firstGeneration(),
      };
    });
    this.wal = this.newWalGuard();
    this.state = openState(this.connection.db, options);
    this.behind = new Behind(this.connection.db, this.state);
    this.info = { ...own, format, hubTimeMs: Math.max(own.hubTimeMs, this.state.appender.lastMs) };
  }

  /** Commits the jobs together and answers each; one that cannot be done harms no other. Errands are answered by `step`. */
  run(jobs: readonly Job[]): Reply[] {
    const [errands, group] = partition(jobs, isErrand);
    for (const errand of errands) this.behind.add(errand);
    if (this.broken && !this.tryReopen()) {
      return refuse(
        group,
        new Fault("STORAGE_FAILED", "The storage could not write and is being opened again. Nothing of this was stored."),
      );
    }
    if (!this.ballast.isReleased || this.ballast.restore()) return this.runGroup(group);
    const [appending, rest] = partition(group, appends);
    const full = new Fault("STORAGE_FULL", "The disk is full: publishes go on when there is room. Nothing that was confirmed is lost.");
    return [...refuse(appending, full), ...this.runGroup(rest)];
  }

  private runGroup(jobs: readonly Job[]): Reply[] {
    if (jobs.length === 0) return [];
    this.behind.committed();
    const isLazy = jobs.every((job) => job.type === "call" && lazyMethods.has(job.call.method));
    try {
      const replies = this.connection.transaction(isLazy ? "NORMAL" : "FULL", () =>
        jobs.map((job): Reply => ({ id: job.id, value: this.runJob(job) })),
      );
      this.state.lanes.endTransaction();
      return replies;
    } catch (error) {
      this.recover(error);
      return this.afterFailure(jobs, error);
    }
  }

  /** Nothing of the group was stored. Those that had no part in the failure are tried again. */
  private afterFailure(jobs: readonly Job[], error: unknown): Reply[] {
    if (this.broken) return refuse(jobs, error);
    if (failureOf(error).code === "STORAGE_FULL") {
      const [appending, rest] = partition(jobs, appends);
      const mayFit = this.ballast.release() || appending.length > 0;
      return [...refuse(appending, error), ...(mayFit ? this.runGroup(rest) : refuse(rest, error))];
    }
    return jobs.length === 1 ? refuse(jobs, error) : jobs.flatMap((job) => this.runGroup([job]));
  }

  private runJob(job: Job): ReplyValue {
    if (job.type === "errand") throw new Error(`${job.call.method} is an errand`);
    if (job.type === "call") {
      const { db } = this.connection;
      return runCall(
        { db, state: this.state, folder: this.options.folder, walBytes: this.wal.liveBytes, ballastReleased: this.ballast.isReleased },
        job.call,
      );
    }
    const commit = new CommitReader(bufferOf(job.bytes));
    for (let row = commit.nextProgress(); row !== null; row = commit.nextProgress()) this.state.progress.apply(row);
    return commit.items === null ? null : this.state.appender.append(commit.items, commit.nowMs);
  }

  /** Behind what `run` answered: it is stored, whatever becomes of this. */
  keepLogShort(): void {
    if (this.broken) return;
    try {
      this.wal.afterCommit();
    } catch (error) {
      this.recover(error);
    }
  }

  /** Whether a step has something to do. */
  get hasWork(): boolean {
    return !this.broken && this.behind.hasWork;
  }
  /** Until there will be something to do, if nothing comes before. */
  get restMs(): number {
    return this.broken ? Number.POSITIVE_INFINITY : this.behind.restMs;
  }
  /** Whether sealing falls behind: the confirm path has to wait for it. */
  get isLate(): boolean {
    return this.behind.isLate;
  }

  /** One slice. Sealing is not synced: it rides along with the next commit, and if the power goes before, it is done again. */
  step(): Reply[] {
    const { behind } = this;
    const errand = behind.current;
    try {
      const done = this.connection.transaction(errand === null ? "NORMAL" : "FULL", () => behind.step(errand));
      this.wal.afterCommit();
      if (done === null) return [];
      behind.settle(done.id);
      return [done];
    } catch (error) {
      if (errand !== null) behind.settle(errand);
      this.recover(error);
      if (failureOf(error).code === "STORAGE_FULL") this.ballast.release();
      if (errand !== null) return [{ id: errand, failure: failureOf(error) }];
      this.behind.pause();
      return [];
    }
  }

  close(): void {
    this.connection.close();
  }

  /** After a failed transaction: memory must say what the disk says, and a handle that failed is not to be trusted. */
  private recover(error: unknown): void {
    this.broken = needsReopening(error);
    if (this.broken) this.tryReopen();
    else this.readStateAgain();
  }

  private tryReopen(): boolean {
    try {
      this.connection.reopen();
      this.wal = this.newWalGuard();
      this.broken = false;
      this.readStateAgain();
    } catch {
      // The next job tries again, and says so if it cannot.
      this.broken = true;
    }
    return !this.broken;
  }

  /** Work under way was derived from the old state: it begins again. */
  private readStateAgain(): void {
    try {
      this.state = openState(this.connection.db, this.options);
      this.behind = new Behind(this.connection.db, this.state, this.behind.undone);
    } catch {
      this.broken = true;
    }
  }

  private newWalGuard(): WalGuard {
    return new WalGuard(this.connection.db, new Signals(this.options.signals), this.options.walBytesMax);
  }
}

const isErrand = (job: Job): job is ErrandJob => job.type === "errand";
const appends = (job: Job): boolean => (job.type === "commit" ? hasItems(job.bytes) : job.call.method === "putBlob");

function refuse(jobs: readonly Job[], error: unknown): Reply[] {
  const failure = failureOf(error);
  return jobs.map(({ id }) => ({ id, failure }));
}

function partition<T, F extends T>(all: readonly T[], isFirst: (one: T) => one is F): [F[], Exclude<T, F>[]];
function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]];
function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
