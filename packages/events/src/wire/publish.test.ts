import { expect, test } from "vitest";
import { quickCheck } from "../quick-check.ts";
import { confirmSchema, parseConfirm } from "./publish.ts";

const error = { code: "QUEUE_FULL", retry: "backoff", message: "The queue is full." };
const lane = { queue: "store/acme", confirmedTo: 7, stored: [[3, 4, 17]], duplicates: [[6, 1, 0]] };

test.each([
  ["all that was sent is stored", { outcome: "confirmed", lanes: [lane, { ...lane, queue: "store/zoo", duplicates: [] }] }],
  ["a lane is refused", { outcome: "confirmed", lanes: [{ ...lane, refused: { number: 8, error } }] }],
  ["the frame is refused", { outcome: "refused", error }],
])("a confirm needs no schema: %s", (_, confirm) => {
  expect(quickCheck(confirmSchema)(confirm)).toBe(true);
  expect(confirmSchema.parse(confirm)).toEqual(confirm);
});

test.each([
  ["a number that is none", { ...lane, confirmedTo: -1 }],
  ["half a run", { ...lane, stored: [[3, 4]] }],
  ["a run that is too long", { ...lane, stored: [[3, 4, 17, 1]] }],
  ["a run of nothing", { ...lane, stored: [[3, 0, 17]] }],
  ["no queue", { ...lane, queue: "acme" }],
])("a confirm with %s is refused", (_, broken) => {
  expect(parseConfirm({ outcome: "confirmed", lanes: [lane, broken] }).success).toBe(false);
});
