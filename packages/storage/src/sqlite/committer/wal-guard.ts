/** Keeps the write-ahead log short: asks the keeper to checkpoint from 4 MB on, and waits for it when the log is full. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int } from "../columns.ts";
import type { Signals } from "../signals.ts";

const checkpointBytes = 4_194_304;
const frameHeaderBytes = 24;
/** A reader of an old snapshot (a backup) can hold the log longer than that; then it grows. */
const waitMs = 2_000;

export class WalGuard {
  private readonly look: StatementSync;
  private readonly signals: Signals;
  private readonly bytesMax: number;
  private readonly frameBytes: number;
  /** Commits that had to wait. */
  waits = 0;
  /** As of the latest commit. */
  liveBytes = 0;

  constructor(db: DatabaseSync, signals: Signals, bytesMax: number) {
    this.look = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.signals = signals;
    this.bytesMax = bytesMax;
    this.frameBytes = int(db.prepare("PRAGMA page_size").get() ?? {}, "page_size") + frameHeaderBytes;
  }

  afterCommit(): void {
    const frames = this.look.get() ?? {};
    const logBytes = int(frames, "log") * this.frameBytes;
    this.liveBytes = logBytes;
    const openBytes = logBytes - int(frames, "checkpointed") * this.frameBytes;
    if (openBytes > 0 && logBytes >= this.bytesMax) {
      this.waits += 1;
      this.signals.ask();
      this.signals.waitDone(waitMs);
    } else if (openBytes >= checkpointBytes) this.signals.ask();
  }
}
