/** What every part of the suite needs: a storage that can be opened again, and items in few words. */
import { onTestFinished } from "vitest";
import type { AppendItem, AppendOutcome, Storage, StoredEvent, VoidItem } from "../../src/port.ts";

/** Small limits, so that what is rare happens all the time. */
export type OpenOptions = { queueEventsMax?: number; wallMs?: () => number };
export type Opened = {
  storage: Storage;
  /** Closes it and opens the same data again; only asked of a durable storage. */
  reopen(): Promise<Storage>;
  close(): Promise<void>;
};
export type Open = (options?: OpenOptions) => Promise<Opened>;
/** `durable`: what is confirmed is there after it was opened again. `exactTrim`: it trims to the event. */
export type Capabilities = { durable: boolean; exactTrim: boolean };

export type Suite = { open(options?: OpenOptions): Promise<Opened>; durable: boolean; exactTrim: boolean };

export function suiteOf(open: Open, capabilities: Capabilities): Suite {
  return {
    ...capabilities,
    async open(options) {
      const opened = await open(options);
      onTestFinished(() => opened.close());
      return opened;
    },
  };
}

export const tenant = "default";
export const everything = { eventsMax: 100_000, bytesMax: 100_000_000 };
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

type Fields = Partial<Pick<AppendItem, "home" | "id" | "type" | "parcel" | "copies" | "claim" | "tenant">> & { body?: string };

const item = (from: AppendItem["from"], id: string, fields: Fields): AppendItem => ({
  tenant: fields.tenant ?? tenant,
  from,
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
    { kind: "numbered", producer: fields.producer ?? "outbox", incarnation: fields.incarnation ?? 1, number },
    `${fields.producer ?? "outbox"}-${number}`,
    fields,
  );
export const plain = (id: string, fields: Fields & { subject?: string } = {}): AppendItem =>
  item({ kind: "plain", subject: fields.subject ?? "driver:7" }, id, fields);
export const byHub = (id: string, fields: Fields = {}): AppendItem => item({ kind: "hub" }, id, fields);
export const voidOf = (number: number, home = "store/acme"): VoidItem => ({
  tenant,
  from: { kind: "numbered", producer: "outbox", incarnation: 1, number },
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
