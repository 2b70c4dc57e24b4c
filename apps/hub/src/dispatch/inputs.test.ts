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
