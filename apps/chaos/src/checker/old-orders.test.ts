import { expect, test } from "vitest";
import type { OldRecord } from "../workers/old-records.ts";
import { createFindings } from "./findings.ts";
import { judgeOldOrders, type OldEvent } from "./old-orders.ts";

type Day = { records: OldRecord[]; stored: OldEvent[]; owed: { pending: number; stuck: number } };

const event = (offset: number, type: string): OldEvent => ({ offset, type, id: `${type}:a`, parcel: "a" });
const applied = (word: "in-transit" | "delivered", messageId = `${word}:a`): OldRecord => ({
  old: "applied",
  orderId: "a",
  word,
  messageId,
});

/** One order, carried out. */
const day = (): Day => ({
  records: [{ old: "order", orderId: "a" }, { old: "ordered", orderId: "a" }, applied("in-transit"), applied("delivered")],
  stored: ["ready", "claimed", "pickup", "in-transit", "delivered"].map((type, index) => event(index + 1, type)),
  owed: { pending: 0, stuck: 0 },
});

function judge(histories: Day) {
  const findings = createFindings();
  const orders = judgeOldOrders(histories, findings);
  return { orders, violations: Object.fromEntries(Object.entries(findings.counts).filter(([, count]) => count > 0)) };
}

test("an order that was carried out is no violation", () => {
  expect(judge(day())).toEqual({ orders: { ordered: 1, delivered: 1 }, violations: {} });
});

test("an order without an answer may be gone", () => {
  expect(judge({ records: [{ old: "order", orderId: "a" }], stored: [], owed: day().owed }).violations).toEqual({});
});

test("what is stuck and listed is visible, and no violation", () => {
  const { records, stored } = day();
  const last = records.slice(0, 3);
  expect(judge({ records: last, stored, owed: { pending: 1, stuck: 1 } })).toEqual({
    orders: { ordered: 1, delivered: 0 },
    violations: {},
  });
});

test.each<[string, (histories: Day) => void, object]>([
  ["a confirmed order is gone", (it) => void it.stored.shift(), { I1: 1 }],
  ["nobody ever delivers it", ({ records, stored }) => void [records.pop(), stored.pop()], { I1: 1 }],
  ["a driver's word is settled unseen", ({ records }) => void records.pop(), { I1: 1 }],
  [
    "a word is gone that a store has seen, of an order without an answer",
    ({ records, stored }) => void [records.splice(1, 1), stored.pop()],
    { I1: 1 },
  ],
  ["something is sent that nobody ordered", ({ records }) => void records.push({ ...applied("delivered"), orderId: "b" }), { I2: 1 }],
  ["something is stored that nobody ordered", ({ stored }) => void stored.push({ ...event(6, "ready"), id: "x", parcel: "b" }), { I2: 1 }],
  ["a word comes under two message ids", ({ records }) => void records.push(applied("delivered", "again")), { I3: 1 }],
  ["delivered comes first", ({ records }) => void records.splice(2, 2, applied("delivered"), applied("in-transit")), { I4: 1 }],
  ["a repeat is stored again", ({ stored }) => void stored.push(event(6, "ready")), { I6: 1 }],
  ["something waits though nothing is stuck", (it) => void [it.records.pop(), Object.assign(it.owed, { pending: 1 })], { I8: 1 }],
])("%s", (_, spoil, violations) => {
  const histories = day();
  spoil(histories);
  expect(judge(histories).violations).toEqual(violations);
});
