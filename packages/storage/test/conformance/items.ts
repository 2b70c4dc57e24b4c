/** Items and writes in few words, for tests and for the processes that they start: nothing of the test runner is needed here. */
import type { AttemptRow, DeadLetter, ProgressWrite } from "@waybill/queue";
import type { AppendItem, AppendOutcome, Storage, StoredEvent, SubscriptionKey, VoidItem } from "../../src/port.ts";

export const tenant = "default";
export const everything = { eventsMax: 100_000, bytesMax: 100_000_000 };
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

type Fields = Partial<Pick<AppendItem, "home" | "id" | "type" | "parcel" | "copies" | "claim" | "tenant">> & { body?: string };

const item = ({ from, number = 0 }: { from: AppendItem["from"]; number?: number }, id: string, fields: Fields): AppendItem => ({
  tenant: fields.tenant ?? tenant,
  from,
  number,
  home: fields.home ?? "store/acme",
  id: fields.id ?? id,
  type: fields.type ?? "in-transit",
  parcel: fields.parcel ?? "p1",
  body: bytes(fields.body ?? `{"id":"${fields.id ?? id}"}`),
  copies: fields.copies ?? [],
  ...(fields.claim === undefined ? {} : { claim: fields.claim }),
});

export const numbered = (number: number, fields: Fields & { producer?: string; incarnation?: number } = {}): AppendItem =>
  item(
    { from: { kind: "numbered", producer: fields.producer ?? "outbox", incarnation: fields.incarnation ?? 1 }, number },
    `${fields.producer ?? "outbox"}-${number}`,
    fields,
  );
export const plain = (id: string, fields: Fields & { subject?: string } = {}): AppendItem =>
  item({ from: { kind: "plain", subject: fields.subject ?? "driver:7" } }, id, fields);
export const byHub = (id: string, fields: Fields = {}): AppendItem => item({ from: { kind: "hub" } }, id, fields);
export const voidOf = (number: number, home = "store/acme"): VoidItem => ({
  tenant,
  from: { kind: "numbered", producer: "outbox", incarnation: 1 },
  number,
  home,
  void: true,
});

let clockMs = 1_000;
export async function append(storage: Storage, items: readonly (AppendItem | VoidItem)[], nowMs = clockMs++): Promise<AppendOutcome[]> {
  return storage.commit({ nowMs, items, progress: [] });
}
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
export const outcomesOf = (outcomes: readonly AppendOutcome[]): string[] => outcomes.map(({ outcome }) => outcome);

/** All of a queue, in reads of a few events each. */
export async function readAll(storage: Storage, queue: string, from = 1): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (let next = from; ; ) {
    const { events, to, head } = await storage.read(tenant, queue, next, { eventsMax: 7, bytesMax: 300 });
    all.push(...events);
    if (to >= head) return all;
    next = to + 1;
  }
}

/** No change but the progress itself. */
export const nothing: ProgressWrite = {
  progress: { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false },
  attempts: { put: [], remove: [] },
  parked: { put: [], remove: [] },
  dead: { put: [], remove: [] },
};

export const writeProgress = (storage: Storage, key: SubscriptionKey, write: Partial<ProgressWrite>, epoch = storage.info.epoch) =>
  storage.commit({ nowMs: 1, items: [], progress: [{ key, epoch, write: { ...nothing, ...write } }] });

export const main: SubscriptionKey = { tenant, queue: "store/acme", group: "main" };
export const audit: SubscriptionKey = { ...main, group: "audit" };

export const attempt = (offset: number, fields: Partial<AttemptRow> = {}): AttemptRow => ({
  offset,
  key: `p${offset}`,
  failed: 1,
  interrupted: 0,
  dueMs: 500,
  alone: false,
  stuck: false,
  redrive: 0,
  notes: [{ atMs: 3, kind: "failed", by: "ann", reason: "no" }],
  ...fields,
});
export const letter = (offset: number, fields: Partial<DeadLetter> = {}): DeadLetter => ({
  offset,
  key: `p${offset}`,
  type: "ready",
  buriedAtMs: 9,
  redrive: 1,
  notes: attempt(offset).notes,
  ref: null,
  ...fields,
});
