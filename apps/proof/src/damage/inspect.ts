/**
 * What a damaged folder does when the shipped storage opens it and all is read back.
 *
 *   intact    all is there as it was told.
 *   refused   at the start, or at a read: the damage was detected, and what was refused is not served.
 *   behind    it is as it was after an earlier commit, whole: publishers see that it is behind what it confirmed (HUB_LOST).
 *   another   it is another hub's folder, and says so by its storage id (HUB_LOST).
 *   silent    anything else: an event that is not what was stored, a hole, a mixture. Never allowed.
 */
import { openSqliteStorage, type Storage, verifyFolder } from "@waybill/storage";
import { tenant } from "../workload/operation.ts";
import { laneNames, lineOf, queues, settings, type Truth } from "./prepared.ts";

export type Verdict = {
  outcome: "intact" | "refused at the start" | "refused at a read" | "behind" | "another" | "silent";
  /** What was found, or what was said. */
  what: string;
  foundByVerify: boolean;
  /** Some queue was refused, and all others were read and go on. */
  othersGoOn: boolean;
};

const page = { eventsMax: 100, bytesMax: 1_000_000 };
/** Behind a refusal so many are asked for at once. */
const batch = 8;

export async function inspect(path: string, truth: Truth): Promise<Verdict> {
  const foundByVerify = isFoundByVerify(path);
  const rest = { foundByVerify, othersGoOn: false };
  let storage: Storage;
  try {
    storage = await openSqliteStorage({ path, ...settings });
  } catch (error) {
    return { outcome: isRefusal(error) ? "refused at the start" : "silent", what: textOf(error), ...rest };
  }
  try {
    if (storage.info.storageId !== truth.storageId) return { outcome: "another", what: storage.info.storageId, ...rest };
    return { ...rest, ...(await readAll(storage, truth)) };
  } finally {
    await storage.close().catch(() => {});
  }
}

type Read = { head: number; firstKept: number; wrong: string | null; refusal: string | null };

async function readAll(storage: Storage, truth: Truth): Promise<Omit<Verdict, "foundByVerify">> {
  const reads: Read[] = [];
  for (const queue of queues) reads.push(await readQueue(storage, queue, truth.events.get(queue) ?? []));
  const wrong = reads.find((read) => read.wrong !== null)?.wrong;
  if (wrong !== undefined && wrong !== null) return { outcome: "silent", what: wrong, othersGoOn: false };
  const refused = reads.filter(({ refusal }) => refusal !== null);
  if (refused.length > 0) {
    const othersGoOn = refused.length < reads.length && (await goesOn(storage));
    return { outcome: "refused at a read", what: refused[0]?.refusal ?? "", othersGoOn };
  }
  const lanes: number[] = [];
  for (const { producer, queue } of laneNames) lanes.push(...(await storage.lanes(tenant, producer, [queue])));
  const heads = reads.map(({ head }) => head);
  const at = truth.states.findLastIndex((state) => isSame(state.heads, heads) && isSame(state.lanes, lanes));
  if (at === truth.states.length - 1) return { outcome: "intact", what: "", othersGoOn: false };
  if (at >= 0) return { outcome: "behind", what: `as after commit ${at} of ${truth.states.length - 1}`, othersGoOn: false };
  return { outcome: "silent", what: `a mixture: queues end at ${heads.join(", ")}, lanes at ${lanes.join(", ")}`, othersGoOn: false };
}

const isSame = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

/** Reads on behind what is refused. */
async function readQueue(storage: Storage, queue: string, expected: readonly string[]): Promise<Read> {
  const read: Read = { head: 0, firstKept: 1, wrong: null, refusal: null };
  const wrong = (what: string): Read => ({ ...read, wrong: `${queue}: ${what}` });
  let next = 1;
  try {
    do {
      const { events, to, head, firstKept } = await storage.read(tenant, queue, next, page);
      read.head = head;
      if (firstKept > 1) return wrong(`said to be trimmed up to ${firstKept - 1}`);
      for (const event of events) {
        if (event.offset !== next) return wrong(`offset ${event.offset} follows ${next - 1}`);
        if (lineOf(event) !== expected[next - 1]) return wrong(`offset ${next} is not what was stored`);
        next += 1;
      }
      if (to >= next && events.length === 0) return wrong(`offsets ${next} to ${to} are said to be read, and are not there`);
      if (events.length === 0) break;
    } while (next <= read.head);
  } catch (error) {
    if (!isRefusal(error)) return wrong(textOf(error));
    read.refusal = textOf(error);
  }
  for (; read.refusal !== null && next <= expected.length; next += batch) {
    const offsets = Array.from({ length: Math.min(batch, expected.length - next + 1) }, (_, i) => next + i);
    const events = await storage
      .readOffsets(tenant, queue, offsets)
      .catch((error: unknown) => (isRefusal(error) ? null : Promise.reject(error)));
    if (events === null) continue;
    const differs = events.find((event) => lineOf(event) !== expected[event.offset - 1]);
    if (differs !== undefined) return wrong(`offset ${differs.offset} alone is not what was stored`);
    const missing = offsets.find((offset) => offset <= read.head && !events.some((event) => event.offset === offset));
    if (missing !== undefined) return wrong(`offset ${missing} is said to be trimmed`);
  }
  return read;
}

async function goesOn(storage: Storage): Promise<boolean> {
  const item = {
    tenant,
    from: { kind: "hub" as const },
    number: 0,
    home: "store/new",
    id: "next",
    type: "message",
    parcel: "p1",
    body: Buffer.from("{}"),
    copies: [],
  };
  const outcomes = await storage.commit({ nowMs: 2_000_000, items: [item], progress: [] }).catch(() => []);
  return outcomes[0]?.outcome === "stored";
}

function isFoundByVerify(path: string): boolean {
  try {
    return verifyFolder(path).findingsCount > 0;
  } catch {
    return true;
  }
}

/** In the words of the error table; anything else is a fault in the storage. */
const isRefusal = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "DATA_DAMAGED";
const textOf = (error: unknown): string =>
  error instanceof Error ? `${"code" in error ? `${String(error.code)}: ` : ""}${error.message}` : String(error);
