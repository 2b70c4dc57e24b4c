import type { Entry } from "@waybill/queue";
import { expect, test } from "vitest";
import { Inputs } from "./inputs.ts";

const entry = (offset: number): Entry => ({ offset, key: "p", type: "pickup", bytes: 1, recordedAtMs: 1, ref: null });

test("entries of one turn are one input, in their place among the others", () => {
  const inputs = new Inputs();
  inputs.push({ type: "tick" });
  inputs.appended(entry(1));
  inputs.appended(entry(2));
  inputs.push({ type: "drain" });
  inputs.appended(entry(3));
  inputs.putFirst([{ type: "hand-back" }]);
  expect(inputs.size).toBe(5);
  expect(inputs.take()).toMatchObject([
    { type: "hand-back" },
    { type: "tick" },
    { type: "appended", entries: [{ offset: 1 }, { offset: 2 }] },
    { type: "drain" },
    { type: "appended", entries: [{ offset: 3 }] },
  ]);
  expect([inputs.size, inputs.take()]).toEqual([0, []]);
});

test("acks of one consumer that come one behind the other are one input, those that follow each other one range", () => {
  const inputs = new Inputs();
  for (const token of [4, 5, 6, 8, 7]) inputs.acked(1, 3, token);
  inputs.acked(2, 3, 9);
  inputs.acked(1, 3, 10);
  inputs.push({ type: "settle", consumer: 1, settle: { epoch: 3, withdraws: [[11, 11]] } });
  inputs.acked(1, 3, 12);
  expect(inputs.take()).toEqual([
    // biome-ignore format: a range each.
    { type: "settle", consumer: 1, settle: { epoch: 3, acks: [[4, 6], [8, 8], [7, 7]] } },
    { type: "settle", consumer: 2, settle: { epoch: 3, acks: [[9, 9]] } },
    { type: "settle", consumer: 1, settle: { epoch: 3, acks: [[10, 10]] } },
    { type: "settle", consumer: 1, settle: { epoch: 3, withdraws: [[11, 11]] } },
    { type: "settle", consumer: 1, settle: { epoch: 3, acks: [[12, 12]] } },
  ]);
  inputs.acked(1, 3, 13);
  expect(inputs.take()).toEqual([{ type: "settle", consumer: 1, settle: { epoch: 3, acks: [[13, 13]] } }]);
});
