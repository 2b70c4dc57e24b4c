/** Data folders to be damaged, and the truth about them: what was told stored, commit by commit. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type AppendItem, openSqliteStorage, type Storage } from "@waybill/storage";
import { tenant } from "../workload/operation.ts";

export const producers = ["outbox-a", "outbox-b"] as const;
const stores = ["acme", "bolt", "corner", "deli", "east"] as const;
export const homes = stores.map((store) => `store/${store}`);
export const queues = [...homes, "zone/north", "driver/dana"];

const commits = 180;
const segmentEvents = 96;

/** As it was told, and as it must be read: one line per event. */
export type Truth = {
  storageId: string;
  /** Of each queue, in the order of its offsets. */
  events: ReadonlyMap<string, readonly string[]>;
  /** After each commit: how many events each of `queues` had, and the numbers of each lane (`laneNames`). */
  states: readonly { heads: readonly number[]; lanes: readonly number[] }[];
};
export type Prepared = {
  /** Closed in good order. */
  closed: string;
  /** As a SIGKILL leaves it: the log holds what the database has not got. */
  killed: string;
  /** A copy from half way. */
  older: string;
  /** The log of an earlier moment of the same folder. */
  olderLog: string;
  /** Another hub's, as a kill leaves it. */
  another: string;
  truth: Truth;
};

export const laneNames: readonly { producer: string; queue: string }[] = producers.flatMap((producer) =>
  homes.map((queue) => ({ producer, queue })),
);

type Seen = {
  id: string;
  type: string;
  parcel: string;
  producer: string;
  number: number;
  homeOffset: number;
  recordedAtMs: number;
  body: Uint8Array;
};
export const lineOf = ({ id, type, parcel, producer, number, homeOffset, recordedAtMs, body }: Seen): string =>
  [id, type, parcel, producer, number, homeOffset, recordedAtMs, Buffer.from(body).toString("base64")].join(" ");

/** A short log, so that it is copied into the database and begins anew meanwhile. */
export const settings = { ballastBytes: 0, segmentEvents, walBytesMax: 200_000, wallMs: () => 1_000_000 };

export async function prepare(root: string): Promise<Prepared> {
  const at = (name: string): string => join(root, name);
  const live = at("live");
  const storage = await openSqliteStorage({ path: live, ...settings });
  const writer = new Writer(storage);
  await writer.run(commits / 2);
  await storage.backup(at("older"));
  copyLive(live, at("older-log"));
  await writer.run(commits / 2);
  copyLive(live, at("killed"));
  await storage.close();
  copyFolder(live, at("closed"));
  const stranger = await openSqliteStorage({ path: at("stranger"), ...settings });
  await new Writer(stranger).run(commits / 3);
  copyLive(at("stranger"), at("another"));
  await stranger.close();
  return {
    closed: at("closed"),
    killed: at("killed"),
    older: at("older"),
    olderLog: at("older-log"),
    another: at("another"),
    truth: writer.truth,
  };
}

/** Every home event has a number, so that its publisher can tell when it is gone. */
class Writer {
  private readonly storage: Storage;
  private readonly events = new Map<string, string[]>(queues.map((queue) => [queue, []]));
  private readonly numbers = new Map<string, number>();
  private readonly states: { heads: number[]; lanes: number[] }[] = [];
  private n = 0;

  constructor(storage: Storage) {
    this.storage = storage;
    this.note();
  }

  get truth(): Truth {
    return { storageId: this.storage.info.storageId, events: this.events, states: this.states };
  }

  async run(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.commit();
  }

  private async commit(): Promise<void> {
    this.n += 1;
    const items = Array.from({ length: 1 + (this.n % 6) }, (_, i) => this.item(i));
    const nowMs = 1_000_000 + this.n;
    const outcomes = await this.storage.commit({ nowMs, items, progress: [] });
    for (const [i, item] of items.entries()) {
      const outcome = outcomes[i];
      if (outcome?.outcome !== "stored") throw new Error(`${item.id} was answered ${outcome?.outcome}`);
      const { producer } = item.from.kind === "numbered" ? item.from : { producer: "" };
      const { id, type, parcel, body, number } = item;
      const line = lineOf({ id, type, parcel, producer, number, body, homeOffset: outcome.offset, recordedAtMs: outcome.recordedAtMs });
      for (const queue of [item.home, ...item.copies.map((copy) => copy.queue)]) this.events.get(queue)?.push(line);
    }
    this.note();
  }

  private item(i: number): AppendItem {
    const producer = producers[(this.n + i) % producers.length] ?? producers[0];
    const home = homes[(this.n * 3 + i) % homes.length] ?? "";
    const number = (this.numbers.get(`${producer} ${home}`) ?? 0) + 1;
    this.numbers.set(`${producer} ${home}`, number);
    const id = `${producer}-${home.slice(6)}-${number}`;
    const copy = (this.n + i) % 7;
    return {
      tenant,
      from: { kind: "numbered", producer, incarnation: 1 },
      number,
      home,
      id,
      type: "message",
      parcel: `p${(this.n + i) % 11}`,
      body: Buffer.from(JSON.stringify({ id, text: `${id} `.repeat(8 + (this.n % 20)) })),
      copies: copy === 0 ? [{ queue: "zone/north" }] : copy === 1 ? [{ queue: "driver/dana" }] : [],
    };
  }

  private note(): void {
    const heads = queues.map((queue) => this.events.get(queue)?.length ?? 0);
    const lanes = laneNames.map(({ producer, queue }) => this.numbers.get(`${producer} ${queue}`) ?? 0);
    this.states.push({ heads, lanes });
  }
}

/** Of a folder that is open: the database and its log as they are between two commits. */
function copyLive(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ["waybill.db", "waybill.db-wal", "waybill.db-shm"])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
}

export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
}
