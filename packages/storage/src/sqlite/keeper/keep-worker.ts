/** The keeper's thread: says that it is there, makes the ballast, then checkpoints whenever the committer asks. It has no event loop to serve. */
import { parentPort, workerData } from "node:worker_threads";
import { Ballast } from "../committer/ballast.ts";
import { openSide } from "../database.ts";
import { Signals } from "../signals.ts";

export type KeeperOptions = { folder: string; ballastBytes: number; signals: SharedArrayBuffer };

const cacheBytes = 1_048_576;
const patienceMs = 1_000;

function keep({ folder, ballastBytes, signals: memory }: KeeperOptions): void {
  const signals = new Signals(memory);
  const db = openSide(folder, cacheBytes);
  const checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  parentPort?.postMessage("ready");
  new Ballast(folder, ballastBytes).make();
  for (let asked = 0; asked >= 0; asked = signals.waitAsked(asked, patienceMs)) {
    try {
      checkpoint.get();
    } catch {
      // A full disk or a failing one is the committer's to report; the log keeps all that was not copied.
    }
    signals.answer(asked);
  }
  db.close();
}

keep(workerData);
