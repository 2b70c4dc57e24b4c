import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Entry, memoryOutbox, type ParcelEvent } from "@waybill/client";
import { type History, isPublisherRecord, openHistory, readHistorySync } from "@waybill/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordOutbox } from "./recorded-outbox.ts";

let folder = "";
let history: History;
const records = () => readHistorySync(join(folder, "history.jsonl")).filter(isPublisherRecord);
const brief = () =>
  records().map((record) => [record.kind, "id" in record ? record.id : "", "outcome" in record ? record.outcome : ""].join(" ").trim());
const entry = (id: string): Entry => {
  const event: ParcelEvent = { id, type: "pickup", parcel: "p1", store: "a", at: "2026-05-04T08:00:00Z", data: {} };
  return { number: 0, queue: "store/a", event, body: new TextEncoder().encode(JSON.stringify(event)), waiter: null };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-outbox-"));
  history = openHistory(join(folder, "history.jsonl"));
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

test("the intent is written before the event goes in, the answer before it goes out", async () => {
  const inner = memoryOutbox();
  const seen: string[][] = [];
  const spied = Object.assign(Object.create(inner), {
    put(entries: readonly Entry[]) {
      seen.push(brief());
      return inner.put(entries);
    },
    confirm(queue: string, to: number) {
      seen.push(brief());
      return inner.confirm(queue, to);
    },
  });
  const outbox = recordOutbox(spied, { producer: "d1", history, past: [] });
  await outbox.open();
  await outbox.opened;
  await outbox.put([entry("e1"), entry("e2")]);
  expect(seen[0]).toEqual(["intent e1", "intent e2"]);
  expect(outbox.confirm("store/a", 1).map(({ event }) => event.id)).toEqual(["e1"]);
  expect(seen[1]).toEqual(["intent e1", "intent e2", "answer e1 stored"]);
  expect(outbox.confirmed).toBe(1);
  outbox.confirm("store/a", 2);
  expect(brief().at(-1)).toBe("answer e2 stored");
});

test("after a restart it knows what is held and what was answered, and nothing else", async () => {
  const inner = memoryOutbox();
  const before = await inner.open();
  await inner.put([entry("held")]);
  expect(before.pending).toBe(1);
  const reopened = Object.assign(Object.create(inner), { open: () => Promise.resolve(before) });
  const intent = (producer: string, id: string) => ({ kind: "intent", t: 1, producer, id, type: "pickup", parcel: "p", store: "a" });
  for (const id of ["never-got-in", "answered", "refused"]) history.write(intent("d1", id));
  history.write({ kind: "answer", t: 2, id: "answered", outcome: "stored", queue: "store/a", offset: 0 });
  history.write({ kind: "refused", t: 3, id: "refused", code: "FORBIDDEN" });
  history.write(intent("d2", "another's"));
  history.write({ kind: "answer", t: 2, id: "another's", outcome: "stored", queue: "store/a", offset: 0 });
  const outbox = recordOutbox(reopened, { producer: "d1", history, past: records() });
  await outbox.open();
  expect([...outbox.known].sort()).toEqual(["answered", "held", "refused"]);
  expect(outbox.confirmed).toBe(1);
});

test("what was confirmed before and is confirmed again is a duplicate", async () => {
  const outbox = recordOutbox(memoryOutbox(), {
    producer: "d1",
    history,
    past: [
      { kind: "intent", t: 1, producer: "d1", id: "e1", type: "pickup", parcel: "p1", store: "a" },
      { kind: "answer", t: 2, id: "e1", outcome: "stored", queue: "store/a", offset: 0 },
    ],
  });
  await outbox.open();
  await outbox.put([entry("e1")]);
  outbox.confirm("store/a", 1);
  expect(brief().at(-1)).toBe("answer e1 duplicate");
  expect(outbox.confirmed).toBe(1);
});

test("an outbox that cannot be opened is told to who waits for it", async () => {
  const broken = Object.assign(Object.create(memoryOutbox()), { open: () => Promise.reject(new Error("held by another process")) });
  const outbox = recordOutbox(broken, { producer: "d1", history, past: [] });
  const opened = expect(outbox.opened).rejects.toThrow("held by another");
  await expect(outbox.open()).rejects.toThrow("held by another");
  await opened;
});
