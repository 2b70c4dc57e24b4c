import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryOutbox, type NewEvent } from "@waybill/client";
import { type History, isPublisherRecord, openHistory, readHistorySync } from "@waybill/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PlannedParcel, StepType } from "../plan/planned-parcel.ts";
import { createGate } from "./gate.ts";
import { recordOutbox } from "./recorded-outbox.ts";
import { createStoreOffice } from "./store-office.ts";

const parcelOf = (parcel: string, ...types: StepType[]): PlannedParcel => ({
  parcel,
  store: "a",
  zone: "z",
  steps: types.map((type) => ({ type, at: "2026-05-04T08:00:00Z" })),
});
const plan = [
  parcelOf("p1", "ready", "pickup", "in-transit", "delivered"),
  parcelOf("p2", "ready", "cancelled"),
  parcelOf("p3", "ready", "pickup", "in-transit", "cancelled"),
  parcelOf("p4", "ready"),
];

let folder = "";
let history: History;
let published: string[];
const settled = () => new Promise((resolve) => setImmediate(resolve));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-office-"));
  history = openHistory(join(folder, "history.jsonl"));
  published = [];
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

async function office({ applied = [], places = 99 }: { applied?: string[]; places?: number } = {}) {
  const past = readHistorySync(join(folder, "history.jsonl")).filter(isPublisherRecord);
  const outbox = recordOutbox(memoryOutbox(), { producer: "office", history, past });
  await outbox.open();
  const client = {
    publish(event: NewEvent) {
      published.push(event.id ?? "");
      return new Promise<never>(() => undefined);
    },
  };
  const gate = createGate();
  gate.open(places);
  const placed = plan.map((planned, place) => ({ planned, place }));
  const wasApplied = (id: string) => applied.includes(id);
  return { gate, ...createStoreOffice({ client, outbox, history, plan: placed, pace: () => Promise.resolve(), gate, wasApplied }) };
}

test("pickups are asked for in the day's order, and a cancel waits until what came before it was seen", async () => {
  const { run, applied } = await office();
  await run();
  expect(published).toEqual(["p1:ready", "p2:ready", "p3:ready", "p4:ready"]);
  applied("p2:ready");
  applied("p3:ready");
  applied("p3:pickup");
  await settled();
  expect(published.slice(4)).toEqual(["p2:cancelled"]);
  applied("p3:in-transit");
  await settled();
  expect(published.slice(5)).toEqual(["p3:cancelled"]);
});

test("after a restart, what was confirmed is not asked for again, and a cancel whose time had come is not forgotten", async () => {
  for (const id of ["p1:ready", "p2:ready", "p3:ready"]) {
    history.write({ kind: "intent", t: 1, producer: "office", id, type: "ready", parcel: id.slice(0, 2), store: "a" });
    history.write({ kind: "answer", t: 2, id, outcome: "stored", queue: "store/a", offset: 0 });
  }
  const { run } = await office({ applied: ["p2:ready", "p3:ready"] });
  await run();
  await settled();
  expect(published.toSorted()).toEqual(["p2:cancelled", "p4:ready"]);
});

test("nothing behind the gate is asked for before it opens", async () => {
  const { run, gate } = await office({ places: 1 });
  const done = run();
  await settled();
  expect(published).toEqual(["p1:ready"]);
  gate.open(4);
  await done;
  expect(published).toHaveLength(4);
});
