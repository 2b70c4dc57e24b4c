/** The scripted runs. Each is the same from one run to the next, up to what happens behind the confirm. */
import { planReset } from "@waybill/queue";
import type { AppendItem, SubscriptionKey, VoidItem } from "@waybill/storage";
import { Desk, entryOf } from "./desk.ts";
import { tenant } from "./operation.ts";
import type { RecordedStorage } from "./recorded-storage.ts";

export const scriptNames = ["publish", "ack", "dead", "reset", "seal", "open", "migrate"] as const;
export type ScriptName = (typeof scriptNames)[number];

const producer = "outbox";
const bodyOf = (id: string, store: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ id, store, data: { note: "x".repeat(120) } }));
const homeOf = (store: string): string => `store/${store}`;

type By = { from: AppendItem["from"]; number?: number };
type Given = { store: string; parcel?: string; type?: string; copies?: AppendItem["copies"]; claim?: AppendItem["claim"] };
function item({ from, number = 0 }: By, id: string, { store, parcel = "p1", type = "in-transit", copies = [], claim }: Given): AppendItem {
  return {
    tenant,
    from,
    number,
    home: homeOf(store),
    id,
    type,
    parcel,
    body: bodyOf(id, store),
    copies,
    ...(claim === undefined ? {} : { claim }),
  };
}
const numbered = (number: number, given: Given): AppendItem =>
  item({ from: { kind: "numbered", producer, incarnation: 1 }, number }, `${given.store}-${number}`, given);
const voidOf = (number: number, store: string): VoidItem => ({
  tenant,
  from: { kind: "numbered", producer, incarnation: 1 },
  number,
  home: homeOf(store),
  void: true,
});
const plain = (id: string, given: Given): AppendItem => item({ from: { kind: "plain", subject: "driver:7" } }, id, given);
const byHub = (id: string, given: Given): AppendItem => item({ from: { kind: "hub" } }, id, given);

const append = (recorded: RecordedStorage, items: readonly (AppendItem | VoidItem)[]) =>
  recorded.run({ do: "commit", items, progress: [] });
const main = (store: string): SubscriptionKey => ({ tenant, queue: homeOf(store), group: "main" });

/** Every kind of append: lanes with voids, plain ids and their repeats, copies, a claim that moves. */
async function publish(recorded: RecordedStorage): Promise<void> {
  await recorded.run({ do: "names", kind: "store", ids: ["a", "b"] });
  await recorded.run({ do: "register", producer, incarnation: 1 });
  for (let round = 0; round < 6; round++) {
    const n = round * 3;
    const copies = [{ queue: "driver/dana" }];
    await append(recorded, [numbered(n + 1, { store: "a", copies }), voidOf(n + 2, "a"), numbered(n + 3, { store: "a", parcel: "p2" })]);
    await append(recorded, [
      plain(`x${round}`, { store: "b" }),
      plain(`x${round - 1}`, { store: "b" }),
      numbered(round + 1, { store: "b" }),
    ]);
  }
  const free = { state: "free" as const, store: "a", zone: "north", sinceMs: 1 };
  const job = { store: "a", parcel: "p9" };
  const pool = [{ queue: "zone/north" }];
  await append(recorded, [byHub("ready", { ...job, type: "ready", copies: pool, claim: { expectEpoch: 0, next: { ...free, epoch: 1 } } })]);
  const taken = { ...free, state: "taken" as const, driver: "dana", epoch: 2 };
  await append(recorded, [byHub("claimed", { ...job, type: "claimed", claim: { expectEpoch: 1, next: taken } })]);
}

/** A vendor takes and acks, through the engine. */
async function ack(recorded: RecordedStorage): Promise<void> {
  for (let n = 1; n <= 12; n += 4) {
    await append(
      recorded,
      [n, n + 1, n + 2, n + 3].map((number) => numbered(number, { store: "a", parcel: `p${number % 3}` })),
    );
  }
  const desk = await Desk.open(recorded, main("a"), { failedMax: 5 });
  while (desk.held.length > 0) await desk.ack();
  if (desk.pending > 0) throw new Error(`${desk.pending} events are left`);
}

/** Six events of two parcels; a group that skips buries the first. */
async function burying(recorded: RecordedStorage): Promise<{ key: SubscriptionKey; audit: Desk }> {
  await append(
    recorded,
    [1, 2, 3, 4, 5, 6].map((number) => numbered(number, { store: "a", parcel: `p${number % 2}` })),
  );
  const key = { ...main("a"), group: "audit" };
  await recorded.run({ do: "create", key, start: "start", policy: "skip" });
  const audit = await Desk.open(recorded, key, { failedMax: 2 });
  await failTwice(audit, 1);
  return { key, audit };
}

/** Attempts are used up: one event is buried and redriven in a group that skips, one is stuck and tried again in `main`. */
async function dead(recorded: RecordedStorage): Promise<void> {
  const { key, audit } = await burying(recorded);
  while (audit.held.length > 0) await audit.ack();
  const [event] = await recorded.storage.readOffsets(tenant, key.queue, [1]);
  if (event === undefined) throw new Error("event 1 is gone");
  await audit.apply({ type: "redrive", entry: entryOf(event), redrive: 1 });
  await audit.ack();

  const desk = await Desk.open(recorded, main("a"), { failedMax: 2 });
  await failTwice(desk, 1);
  while (desk.held.length > 0) await desk.ack();
  await desk.apply({ type: "retry-key", key: "p1" });
  while (desk.held.length > 0) await desk.ack();
  if (desk.pending > 0) throw new Error(`${desk.pending} events are left`);
}

/** A group is set back over its dead letter, `main` over what is stuck and what it has not seen; then a group is deleted and made anew. */
async function reset(recorded: RecordedStorage): Promise<void> {
  const { key, audit } = await burying(recorded);
  await audit.ack();
  await setTo(recorded, key, 1);
  await ackAll(recorded, key);

  const desk = await Desk.open(recorded, main("a"), { failedMax: 2 });
  await failTwice(desk, 1);
  await desk.ack();
  await setTo(recorded, main("a"), 4);
  await ackAll(recorded, main("a"));

  await recorded.run({ do: "delete", key });
  await recorded.run({ do: "create", key, start: "start", policy: "block" });
  await ackAll(recorded, key);
}

/** As the hub does it: planned from what is stored, while no engine runs. */
async function setTo(recorded: RecordedStorage, key: SubscriptionKey, target: number): Promise<void> {
  const row = await recorded.storage.subscription(key);
  if (row === null) throw new Error(`no group ${key.group} of ${key.queue}`);
  const { write } = planReset(row, target, { parkedBefore: 0, parkedAfter: 0, letters: row.deadCount });
  await recorded.run({ do: "reset", key, write });
}

async function ackAll(recorded: RecordedStorage, key: SubscriptionKey): Promise<void> {
  const desk = await Desk.open(recorded, key, { failedMax: 2 });
  while (desk.held.length > 0) await desk.ack();
  if (desk.pending > 0) throw new Error(`${desk.pending} events are left`);
}

async function failTwice(desk: Desk, offset: number): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    desk.held.sort((a, b) => a.entry.offset - b.entry.offset);
    if (desk.held[0]?.entry.offset !== offset) throw new Error(`offset ${offset} is not in hand`);
    await desk.nack("no");
    await desk.wait();
  }
}

/** Many small segments are sealed and the log is copied into the file meanwhile; then history is redacted and trimmed. */
async function seal(recorded: RecordedStorage): Promise<void> {
  for (let round = 0; round < 12; round++) {
    const n = round * 4;
    const events = [1, 2, 3, 4].map((i) => numbered(n + i, { store: "a", copies: i === 1 ? [{ queue: "zone/north" }] : [] }));
    await append(recorded, [...events, byHub(`h${round}`, { store: "b" }), plain(`y${round}`, { store: "b" })]);
  }
  const progress = { generation: 1, cursor: 40, open: [], offeredTo: 40, ackedTo: 0, paused: false };
  const nothing = { put: [], remove: [] };
  const write = { progress, attempts: nothing, parked: nothing, dead: nothing };
  await recorded.run({ do: "commit", items: [], progress: [{ key: main("a"), write }] });
  await recorded.run({ do: "redact", home: "store/a", offset: 5, body: bodyOf("redacted", "a") });
  await recorded.run({ do: "trim" });
  await append(recorded, [numbered(49, { store: "a" })]);
}

/** The folder is made, left, and opened again. */
async function open(recorded: RecordedStorage): Promise<void> {
  await append(recorded, [numbered(1, { store: "a" })]);
  await recorded.reopen();
  await append(recorded, [numbered(2, { store: "a" })]);
  await recorded.reopen();
}

/** A folder of an older format, with every kind of row, was brought up to date by the opening: it goes on, and is opened again. */
async function migrate(recorded: RecordedStorage): Promise<void> {
  await append(recorded, [
    byHub("m1", { store: "acme" }),
    item({ from: { kind: "numbered", producer, incarnation: 3 }, number: 81 }, "acme-81", { store: "acme" }),
  ]);
  await recorded.reopen();
  await append(recorded, [byHub("m2", { store: "bolt" })]);
}

export const scripts: Readonly<Record<ScriptName, (recorded: RecordedStorage) => Promise<void>>> = {
  publish,
  ack,
  dead,
  reset,
  seal,
  open,
  migrate,
};
