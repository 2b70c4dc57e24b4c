/** A storage whose every operation is written down before and after, in a file that survives the SIGKILL of its process. */
import { openSync, readFileSync, writeSync } from "node:fs";
import { openSqliteStorage, type SqliteStorageOptions, type Storage } from "@waybill/storage";
import { decodeLines, encodeLine, type HistoryLine, type Operation, perform } from "./operation.ts";

/** Small segments and a short log, so that sealing and checkpoints happen in a run of a second. */
const settings: Omit<SqliteStorageOptions, "path"> = { ballastBytes: 0, segmentEvents: 16, walBytesMax: 200_000, wallMs: () => 1_000_000 };

export class RecordedStorage {
  storage: Storage;
  nowMs = 1_000_000;
  private readonly path: string;
  private readonly say: (line: HistoryLine) => void;
  private n: number;

  /** Goes on behind what the history says already. */
  static async open(path: string, historyPath: string): Promise<RecordedStorage> {
    const before = decodeLines(readFileSync(historyPath, { encoding: "utf8", flag: "a+" }));
    const n = (before.at(-1)?.n ?? 0) + 1;
    const file = openSync(historyPath, "a");
    // One plain `write` each, so that it is never among the calls that are counted.
    const say = (line: HistoryLine): void => void writeSync(file, encodeLine(line));
    say({ n, nowMs: 0, intent: { do: "open" } });
    const storage = await openSqliteStorage({ path, ...settings });
    say({ n, told: true, storageId: storage.info.storageId, epoch: storage.info.epoch });
    return new RecordedStorage({ path, storage, say, n });
  }

  private constructor({ path, storage, say, n }: { path: string; storage: Storage; say: (line: HistoryLine) => void; n: number }) {
    this.path = path;
    this.storage = storage;
    this.say = say;
    this.n = n;
    this.nowMs += n;
  }

  async run(operation: Exclude<Operation, { do: "open" | "close" }>): Promise<void> {
    const n = ++this.n;
    this.nowMs += 1;
    this.say({ n, nowMs: this.nowMs, intent: operation });
    const outcomes = await perform(this.storage, operation, this.nowMs);
    this.say({ n, told: true, ...(outcomes.length === 0 ? {} : { outcomes }) });
  }

  async close(): Promise<void> {
    const n = ++this.n;
    this.say({ n, nowMs: this.nowMs, intent: { do: "close" } });
    await this.storage.close();
    this.say({ n, told: true });
  }

  async reopen(): Promise<void> {
    await this.close();
    const n = ++this.n;
    this.say({ n, nowMs: this.nowMs, intent: { do: "open" } });
    this.storage = await openSqliteStorage({ path: this.path, ...settings });
    this.say({ n, told: true, storageId: this.storage.info.storageId, epoch: this.storage.info.epoch });
  }
}
