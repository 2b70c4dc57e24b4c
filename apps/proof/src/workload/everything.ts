/** Every kind of row that a data folder can hold, for the fixture of a format: some events sealed, some not, some trimmed. */
import type { AppendItem, SubscriptionKey } from "@waybill/storage";
import { tenant } from "./operation.ts";
import type { RecordedStorage } from "./recorded-storage.ts";

const home = "store/acme";
const body = (id: string, store = "acme"): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ id, store, data: { text: `${id} `.repeat(12) } }));
const item = (from: AppendItem["from"], id: string, rest: Partial<AppendItem> = {}): AppendItem => ({
  tenant,
  from,
  number: 0,
  home,
  id,
  type: "message",
  parcel: "p1",
  body: body(id),
  copies: [],
  ...rest,
});
const key = (queue: string, group = "main"): SubscriptionKey => ({ tenant, queue, group });
const note = { atMs: 1_000_000, kind: "failed" as const, by: "vendor acme", reason: "no such street" };
const attempt = { key: "p1", failed: 1, interrupted: 0, dueMs: 0, alone: false, stuck: false, redrive: 0, notes: [note] };
const nothing = { put: [], remove: [] };

/** 40 rounds: lanes with voids, plain ids, the hub's own events, copies and claims; then progress of every kind. */
export async function everything(recorded: RecordedStorage): Promise<void> {
  await recorded.run({ do: "names", kind: "store", ids: ["acme", "bolt", "corner"] });
  await recorded.run({ do: "register", producer: "outbox", incarnation: 3 });
  for (let n = 1; n <= 40; n++) await round(recorded, n);
  await recorded.run({ do: "create", key: key(home, "audit"), start: { offset: 10 }, policy: "skip" });
  await progressOfEveryKind(recorded);
  await recorded.run({ do: "redact", home, offset: 60, body: body("redacted") });
  await recorded.run({ do: "trim" });
  await recorded.run({ do: "commit", items: [item({ kind: "hub" }, "last", { home: "store/bolt" })], progress: [] });
}

async function round(recorded: RecordedStorage, n: number): Promise<void> {
  const outbox = { kind: "numbered" as const, producer: "outbox", incarnation: 3 };
  const parcel = `p${n % 5}`;
  const numbered = item(outbox, `e${n}`, { number: n * 2 - 1, parcel, copies: n % 4 === 0 ? [{ queue: "driver/dana" }] : [] });
  const voided = { tenant, from: outbox, number: n * 2, home, void: true as const };
  const plain = item({ kind: "plain", subject: "driver:7" }, `x${n}`, { parcel, home: n % 2 === 0 ? home : "store/bolt" });
  const job = { type: "ready", parcel: `job-${n}`, copies: [{ queue: "zone/north" }] };
  const free = { state: "free" as const, epoch: 1, store: "acme", zone: "north", sinceMs: 1_000_000 };
  const ready = item({ kind: "hub" }, `r${n}`, { ...job, claim: { expectEpoch: 0, next: free } });
  await recorded.run({ do: "commit", items: [numbered, voided, plain, ...(n % 5 === 0 ? [ready] : [])], progress: [] });
  if (n % 10 !== 0) return;
  const taken = { ...free, state: "taken" as const, epoch: 2, driver: "dana" };
  const claimed = item({ kind: "hub" }, `c${n}`, { type: "claimed", parcel: `job-${n}`, claim: { expectEpoch: 1, next: taken } });
  await recorded.run({ do: "commit", items: [claimed], progress: [] });
}

async function progressOfEveryKind(recorded: RecordedStorage): Promise<void> {
  const open: [number, number][] = [
    [41, 43],
    [50, 50],
  ];
  const main = { generation: 3, cursor: 62, open, offeredTo: 66, ackedTo: 0, paused: false };
  const stuck = { ...attempt, offset: 41, failed: 5, stuck: true };
  const resting = { ...attempt, offset: 50, key: "p3", dueMs: 9_000_000, alone: true, interrupted: 2 };
  await recorded.run({
    do: "commit",
    items: [],
    progress: [
      {
        key: key(home),
        write: {
          progress: main,
          attempts: { put: [stuck, resting], remove: [] },
          parked: { put: [{ key: "p2", first: 45, offsets: [45, 47, 52] }], remove: [] },
          dead: nothing,
        },
      },
      {
        key: key(home, "audit"),
        write: {
          progress: { ...main, generation: 1, cursor: 30, open: [], offeredTo: 30, paused: true },
          attempts: { put: [{ ...attempt, offset: 12, redrive: 1 }], remove: [] },
          parked: nothing,
          dead: {
            put: [12, 20].map((offset) => ({
              offset,
              key: "p1",
              type: "message",
              buriedAtMs: 1_000_000,
              redrive: 0,
              notes: [note],
              ref: body("x"),
            })),
            remove: [],
          },
        },
      },
      {
        key: key("store/bolt"),
        write: {
          progress: { ...main, generation: 1, cursor: 16, open: [], offeredTo: 16 },
          attempts: nothing,
          parked: nothing,
          dead: nothing,
        },
      },
    ],
  });
}
