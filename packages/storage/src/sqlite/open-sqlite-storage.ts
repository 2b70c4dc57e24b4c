/**
 * The port on SQLite: a data folder, three threads. The committer writes, the reader reads, the keeper checkpoints;
 * this file only hands over. Who may do what when is said at the head of each of them.
 */
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { HubError, limits } from "@waybill/events";
import type { CommitBatch, Storage, StorageInfo } from "../port.ts";
import { refuseMain, tooManyGroups, unknownGroup } from "../refusals.ts";
import { createBackups } from "./backup.ts";
import { placeOf } from "./codec/batch-codec.ts";
import { encodeCommit } from "./codec/commit-codec.ts";
import { CommitQueue } from "./commit-queue.ts";
import { decodeOutcomes } from "./committer/outcomes.ts";
import { type DataLock, lockData } from "./data-lock.ts";
import { fileOf } from "./database.ts";
import type { KeeperOptions } from "./keeper/keep-worker.ts";
import { formatOf } from "./migrate.ts";
import type { Errand, GroupCall, ReplyValue } from "./protocol.ts";
import { openReadOnly } from "./read-only.ts";
import { ReadQueue } from "./read-queue.ts";
import { decodeParts } from "./reader/event-reads.ts";
import { Signals } from "./signals.ts";
import { refuseUnfinished } from "./target-folder.ts";
import { Fault } from "./words.ts";
import { ended } from "./worker-port.ts";

export type SqliteStorageOptions = {
  /** The data folder; made when it is not there. */
  path: string;
  /** The wall clock, looked at for the gap over a restart only. */
  wallMs?: () => number;
  /** Unsettled events of group `main`; more are answered `full`. */
  queueEventsMax?: number;
  /** A segment is closed, and then sealed, at so many events or bytes. */
  segmentEvents?: number;
  segmentBytes?: number;
  /** Live write-ahead log at which commits wait for the checkpoint. */
  walBytesMax?: number;
  /** Kept free for a full disk; 0: none. */
  ballastBytes?: number;
  /** As if the disk were full at this size of the database; 0: the disk alone decides. */
  fileBytesMax?: number;
};

const defaults = {
  wallMs: Date.now,
  queueEventsMax: limits.queueEventsMax,
  segmentEvents: 65_536,
  segmentBytes: 33_554_432,
  walBytesMax: 67_108_864,
  ballastBytes: 67_108_864,
  fileBytesMax: 0,
};

/** Throws DATA_HELD, DATA_UNFINISHED, DATA_TOO_NEW, DATA_DAMAGED, STORAGE_FULL or STORAGE_FAILED. */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const settings = { ...defaults, ...options };
  const folder = resolve(settings.path);
  mkdirSync(folder, { recursive: true });
  refuseUnfinished(folder);
  const lock = lockData(folder);
  const signals = new Signals();
  const reader = new ReadQueue(folder);
  try {
    refuseForeign(folder);
    const { wallMs, ...plain } = settings;
    const { queue, info } = await CommitQueue.start({ ...plain, folder, wallMs: wallMs(), signals: signals.memory });
    const keeperOptions: KeeperOptions = { folder, ballastBytes: settings.ballastBytes, signals: signals.memory };
    const keeper = await startKeeper(keeperOptions).catch(async (error: unknown) => {
      await queue.close({ nowMs: info.hubTimeMs, wallMs: wallMs() });
      throw error;
    });
    return storageOf({ folder, info, lock, wallMs, queue, reader, keeper, signals });
  } catch (error) {
    await reader.close();
    lock.release();
    throw error;
  }
}

/** Resolves when its thread runs and has the file open: from then on nothing that a process may run out of can end it. */
async function startKeeper(workerData: KeeperOptions): Promise<Worker> {
  const keeper = new Worker(new URL("./keeper/keep-worker.ts", import.meta.url), { workerData });
  await new Promise<void>((resolve, reject) => {
    keeper.once("message", () => resolve());
    keeper.once("error", (cause) => reject(new HubError("STORAGE_FAILED", "The storage's keeper could not start.", { cause })));
  });
  return keeper;
}

/**
 * A newer folder, or another program's, is left as it is. Opened for writing it would not be: its log is copied into it when
 * it is closed.
 */
function refuseForeign(folder: string): void {
  if (!existsSync(fileOf(folder))) return;
  const { db, close } = openReadOnly(folder);
  try {
    formatOf(db);
  } catch (error) {
    if (error instanceof Fault) throw new HubError(error.code, error.message, { cause: error });
    // What cannot even be read is the committer's to report.
  } finally {
    close();
  }
}

type Parts = {
  folder: string;
  info: StorageInfo;
  lock: DataLock;
  wallMs: () => number;
  queue: CommitQueue;
  reader: ReadQueue;
  keeper: Worker;
  signals: Signals;
};

function storageOf({ folder, info, lock, wallMs, queue, reader, keeper, signals }: Parts): Storage {
  let lastMs = info.hubTimeMs;
  let closing: Promise<void> | null = null;
  const backups = createBackups(folder);
  const write = (call: GroupCall): Promise<ReplyValue> => queue.push((id) => ({ id, type: "call", call }));
  const errand = (call: Errand): Promise<ReplyValue> => queue.push((id) => ({ id, type: "errand", call }));
  const keyOf = ({ tenant, queue: name, group }: { tenant: string; queue: string; group: string }) => ({
    place: placeOf(tenant, name),
    group,
  });

  return {
    info,

    async commit(batch) {
      checkOwner(batch.progress, info.epoch);
      lastMs = Math.max(lastMs, batch.nowMs);
      const bytes = encodeCommit(batch);
      const value = await queue.push((id) => ({ id, type: "commit", bytes }));
      return value instanceof Uint8Array ? decodeOutcomes(value) : [];
    },

    async registerProducer(tenant, producer, incarnation) {
      return (await write({ method: "registerProducer", tenant, producer, incarnation })) === true;
    },
    async lanes(tenant, producer, queues) {
      const numbers = await write({ method: "lanes", producer, places: queues.map((name) => placeOf(tenant, name)) });
      return Array.isArray(numbers) ? numbers : [];
    },

    async read(tenant, name, from, max) {
      const place = placeOf(tenant, name);
      const { parts, ...rest } = await reader.call({ method: "read", place, from, ...max });
      return { events: decodeParts(place, parts), ...rest };
    },
    readOffsets: (tenant, name, offsets) => reader.call({ method: "readOffsets", place: placeOf(tenant, name), offsets }),
    offsetAt: (tenant, name, atMs) => reader.call({ method: "offsetAt", place: placeOf(tenant, name), atMs }),

    subscription: (key) => reader.call({ method: "subscription", key }),
    async createSubscription(key, { start, types, policy, order = "key" }) {
      const known = await reader.call({ method: "subscription", key });
      if (known !== null) return known;
      const place = placeOf(key.tenant, key.queue);
      const { head } = await reader.call({ method: "read", place, from: 1, eventsMax: 0, bytesMax: 0 });
      const atMs = typeof start === "object" && "at" in start ? Date.parse(start.at) : 0;
      const first =
        typeof start === "string" ? 1 : "offset" in start ? start.offset : await reader.call({ method: "offsetAt", place, atMs });
      const cursor = start === "end" ? head : Math.min(head, first - 1);
      const isMade = await write({ method: "createSubscription", ...keyOf(key), cursor, types, policy, order });
      if (isMade !== true) throw tooManyGroups(key);
      const made = await reader.call({ method: "subscription", key });
      if (made === null) throw new HubError("INTERNAL", `Group ${key.group} of ${key.queue} was made and is not there.`);
      return made;
    },
    async resetSubscription(key, epoch, one) {
      checkOwner([{ key, epoch }], info.epoch);
      if ((await write({ method: "resetSubscription", ...keyOf(key), write: one })) !== true) throw unknownGroup(key);
    },
    async deleteSubscription(key) {
      refuseMain(key);
      return (await write({ method: "deleteSubscription", ...keyOf(key) })) === true;
    },
    countKept: (key, range) => reader.call({ method: "countKept", key, ...range }),
    async setTypes(key, types) {
      await write({ method: "setTypes", ...keyOf(key), types });
    },
    async setPolicy(key, policy) {
      await write({ method: "setPolicy", ...keyOf(key), policy });
    },
    parkedChunk: (key, orderKey, first) => reader.call({ method: "parkedChunk", key, orderKey, first }),
    deadLetters: (key, after, limit) => reader.call({ method: "deadLetters", key, after, limit }),
    subscriptions: (tenant, after, limit) => reader.call({ method: "subscriptions", tenant, after, limit }),
    queues: (tenant, { kind, after }, limit) => reader.call({ method: "queues", tenant, kind: kind ?? null, after, limit }),
    groups: (tenant, name) => reader.call({ method: "groups", place: placeOf(tenant, name) }),

    claims: (tenant, parcels) => reader.call({ method: "claims", tenant, parcels }),
    listClaims: (tenant, { state, driver }, after, limit) =>
      reader.call({ method: "listClaims", tenant, state, driver: driver ?? null, after, limit }),

    async addNames(tenant, kind, ids) {
      return Number(await write({ method: "addNames", tenant, kind, ids }));
    },
    names: (tenant, kind, after, limit) => reader.call({ method: "names", tenant, kind, after, limit }),
    hasNames: (tenant, kind, ids) => reader.call({ method: "hasNames", tenant, kind, ids }),

    async redact(tenant, home, offset, body) {
      await errand({ method: "redact", place: placeOf(tenant, home), offset, body });
    },
    async trim({ beforeMs, queueEventsMax }) {
      return { events: Number(await errand({ method: "trim", beforeMs, queueEventsMax })) };
    },
    async putBlob(tenant, sha256, bytes) {
      await write({ method: "putBlob", tenant, sha256, bytes });
    },
    blob: (tenant, sha256) => reader.call({ method: "blob", tenant, sha256 }),
    audit(tenant, by, action, detail) {
      // It is handed over before anything that comes after it; a failure is the next commit's to report.
      write({ method: "audit", tenant, by, action, detail }).catch(() => {});
    },

    backup: (toPath) => backups.make(toPath),
    async saveTime(nowMs) {
      lastMs = Math.max(lastMs, nowMs);
      await write({ method: "saveTime", nowMs, wallMs: wallMs() });
    },
    async stats() {
      const stats = await write({ method: "stats" });
      if (typeof stats !== "object" || stats === null || !("tailEvents" in stats))
        throw new HubError("INTERNAL", "The storage did not tell its numbers.");
      return stats;
    },
    close() {
      closing ??= (async () => {
        await backups.stop();
        await queue.close({ nowMs: lastMs, wallMs: wallMs() });
        signals.end();
        await Promise.all([reader.close(), ended(keeper)]);
        lock.release();
      })();
      return closing;
    },
  };
}

function checkOwner(progress: readonly Pick<CommitBatch["progress"][number], "key" | "epoch">[], owner: number): void {
  const lost = progress.find(({ epoch }) => epoch !== owner);
  if (lost === undefined) return;
  throw new HubError("INTERNAL", `The owner of ${lost.key.queue} is lost: it wrote with epoch ${lost.epoch}, the storage has ${owner}.`);
}
