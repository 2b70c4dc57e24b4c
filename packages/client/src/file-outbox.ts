/**
 * The outbox in a file, for Node. `put` and `refuse` are on disk when they resolve; all that wait in one turn of the disk
 * share one sync. The file is rewritten when more than half of it, and more than 1 MB, is of no use any more.
 */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { HubError, type HubErrorBody, limits } from "@waybill/events";
import { AppendLog, damaged } from "./append-log.ts";
import { EventEntry } from "./event-entry.ts";
import { lockFile } from "./file-lock.ts";
import { type Entry, Ledger } from "./ledger.ts";
import { asError } from "./listeners.ts";
import type { Outbox } from "./outbox.ts";
import { LedgerReader, OUTBOX_FORMAT, record, snapshot } from "./outbox-record.ts";
import { randomId } from "./random-id.ts";
import type { RefusedEvent } from "./types.ts";

/** What is not urgent waits so long for something that is. */
const LAZY_MS = 50;
const REWRITE_BYTES = 1_048_576;

type Write = { entries: readonly Entry[]; resolve: () => void; reject: (error: Error) => void };

class FileOutbox implements Outbox {
  readonly eventsMax: number;
  readonly #log: AppendLog;
  #ledger = new Ledger(randomId());
  #unlock: (() => Promise<void>) | null = null;
  #records: string[] = [];
  #writes: Write[] = [];
  #isWriting = false;
  #lazy: ReturnType<typeof setTimeout> | undefined;
  #mustRewrite = false;
  #liveBytes = 0;

  constructor(path: string, eventsMax: number) {
    this.#log = new AppendLog(resolve(path));
    this.eventsMax = eventsMax;
  }

  async open(): Promise<Ledger> {
    try {
      await mkdir(dirname(this.#log.path), { recursive: true });
      this.#unlock = await lockFile(this.#log.path);
      if (await this.#log.exists) await this.#load();
      else await this.#log.replace(snapshot(this.#ledger));
    } catch (error) {
      await this.close().catch(() => {}); // What is told is why it could not be opened.
      if (error instanceof HubError) throw error;
      throw this.#failure(
        "opened",
        error,
        " What it holds is left as it was. Make room, or mend what the disk or its rights lack, and start again.",
      );
    }
    return this.#ledger;
  }

  put(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      this.#ledger.put(entry);
      this.#liveBytes += bytesOf(entry);
      this.#records.push(record.put(entry));
    }
    return this.#written(entries);
  }

  confirm(queue: string, to: number): Entry[] {
    const confirmed = this.#ledger.confirm(queue, to);
    if (confirmed.length === 0) return confirmed;
    for (const entry of confirmed) this.#liveBytes -= bytesOf(entry);
    this.#records.push(record.confirm(queue, this.#ledger.lane(queue).confirmedTo));
    this.#writeLater();
    return confirmed;
  }

  async refuse(queue: string, number: number, error: HubErrorBody): Promise<RefusedEvent | null> {
    const at = new Date().toISOString();
    const entry = this.#ledger.lane(queue).at(number);
    const body = entry?.body ?? null;
    const refused = this.#ledger.refuse(queue, number, error, at);
    if (entry === undefined || refused === null) return null;
    this.#records.push(record.refuse(queue, number, error, at));
    try {
      await this.#written([]);
    } catch (failure) {
      entry.body = body;
      this.#ledger.refused = this.#ledger.refused.filter((one) => one !== refused);
      throw failure;
    }
    return refused;
  }

  async takeRefused(): Promise<readonly RefusedEvent[]> {
    const taken = this.#ledger.refused.splice(0);
    if (taken.length === 0) return taken;
    this.#records.push(record.take(taken.length));
    try {
      await this.#written([]);
    } catch (failure) {
      this.#ledger.refused.unshift(...taken);
      throw failure;
    }
    return taken;
  }

  newProducer(storageId: string | null): Promise<void> {
    this.#ledger.renew(randomId(), storageId);
    this.#mustRewrite = true;
    return this.#written([]);
  }

  remember(storageId: string): void {
    this.#ledger.storageId = storageId;
    this.#records.push(record.storage(storageId));
    this.#writeLater();
  }

  async close(): Promise<void> {
    clearTimeout(this.#lazy);
    const unlock = this.#unlock;
    this.#unlock = null;
    if (unlock === null) return;
    try {
      if (this.#records.length > 0 || this.#isWriting) await this.#written([]);
    } catch {
      // Who waited for a write was told; what is not urgent is learned from the hub again.
    } finally {
      await this.#log.close();
      await unlock();
    }
  }

  async #load(): Promise<void> {
    const { path } = this.#log;
    const reader = new LedgerReader();
    await this.#log.load(
      ({ records, at }) => {
        for (const one of records) {
          const fits = reader.read(one);
          if (reader.format > OUTBOX_FORMAT) throw tooNew(path, reader.format);
          if (!fits) throw damaged(path, at);
        }
      },
      () => reader.lines,
    );
    if (reader.ledger === null) throw damaged(path, 0);
    this.#ledger = reader.ledger;
    for (const lane of this.#ledger.lanes.values()) for (const entry of lane.entries()) this.#liveBytes += bytesOf(entry);
    // Durable before anything is sent: a process that held this outbox before is fenced by it.
    this.#ledger.incarnation += 1;
    await this.#log.append([record.open(this.#ledger.incarnation)]);
  }

  #written(entries: readonly Entry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ entries, resolve, reject });
      this.#write();
    });
  }

  #writeLater(): void {
    this.#lazy ??= setTimeout(() => this.#write(), LAZY_MS);
  }

  #write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve(); // What is put in this turn goes along.
    while (this.#records.length > 0 || this.#writes.length > 0) {
      clearTimeout(this.#lazy);
      this.#lazy = undefined;
      const records = this.#records.splice(0);
      const writes = this.#writes.splice(0);
      try {
        await this.#toDisk(records);
        for (const { resolve } of writes) resolve();
      } catch (error) {
        this.#fail([...writes, ...this.#writes.splice(0)], error);
      }
    }
    this.#isWriting = false;
  }

  async #toDisk(records: readonly string[]): Promise<void> {
    const garbage = this.#log.size - this.#liveBytes;
    if (!this.#mustRewrite && !(garbage > REWRITE_BYTES && garbage > this.#log.size / 2)) {
      if (records.length > 0) await this.#log.append(records);
      return;
    }
    this.#mustRewrite = false;
    await this.#log.replace(snapshot(this.#ledger));
  }

  /** Nothing that waits is in the outbox. What the failed write left in the file is overwritten before anything else. */
  #fail(writes: readonly Write[], cause: unknown): void {
    this.#mustRewrite = true;
    this.#records = [];
    const error = this.#failure("written", cause);
    for (const { entries, reject } of writes.toReversed()) {
      this.#ledger.takeBack(entries);
      for (const entry of entries) this.#liveBytes -= bytesOf(entry);
      reject(error);
    }
  }

  #failure(what: "opened" | "written", cause: unknown, advice = ""): HubError {
    const { message } = asError(cause);
    const code = /ENOSPC|EDQUOT/.test(message) ? "STORAGE_FULL" : "STORAGE_FAILED";
    return new HubError(code, `The outbox ${this.#log.path} could not be ${what} (${message}).${advice}`, { cause });
  }
}

/** An entry's share of the file, nearly. */
function bytesOf(entry: Entry): number {
  const { isVoid, bytes, queue } = EventEntry.of(entry);
  return (isVoid ? 0 : bytes) + queue.length + 32;
}

function tooNew(path: string, format: number): HubError {
  return new HubError(
    "OUTBOX_DAMAGED",
    `${path} has format ${format}, written by a newer version; this one reads up to ${OUTBOX_FORMAT}. Update it.`,
  );
}

/**
 * An outbox that survives the process, for Node 20 and later. Held by one process (a lock file beside it). `open` rejects
 * with OUTBOX_HELD, with OUTBOX_DAMAGED that names the place, or with STORAGE_FULL or STORAGE_FAILED where the disk fails;
 * the file is as it was then. `eventsMax`: publish rejects with OUTBOX_FULL beyond it.
 */
export function fileOutbox(path: string, { eventsMax = limits.outboxEventsMax }: { eventsMax?: number } = {}): Outbox {
  return new FileOutbox(path, eventsMax);
}
