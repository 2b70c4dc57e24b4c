import { expect, test } from "vitest";
import { quickCheck } from "../quick-check.ts";
import { type Confirm, confirmSchema, confirmText, parseConfirm, parsePlainPublish } from "./publish.ts";

const error = { code: "QUEUE_FULL", retry: "backoff", message: "The queue is full." };
const lane = { queue: "store/acme", confirmedTo: 7, stored: [[3, 4, 17]], duplicates: [[6, 1, 0]] };

test.each([
  ["all that was sent is stored, in one run of each lane", { outcome: "stored", offsets: [17, 4] }],
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

test.each([
  ["where none can be", [17, 0]],
  ["that is none", [17, "18"]],
])("a short confirm with an offset %s is refused", (_, offsets) => {
  expect(parseConfirm({ outcome: "stored", offsets }).success).toBe(false);
});

test.each([
  ["with the least", { parcel: "p-1", store: "acme" }],
  [
    "with all",
    {
      id: "e-1",
      parcel: "p-1",
      store: "acme",
      at: "2026-05-01T10:00:00Z",
      notBefore: "2026-05-01T12:00:00+02:00",
      data: { note: "x", more: [1, null, { deep: true }] },
    },
  ],
])("a plain client's good event needs no schema: %s", (_, event) => {
  expect(parsePlainPublish(event).data).toBe(event);
});

test("what is wrong with a plain client's event is said by its schema", () => {
  expect(parsePlainPublish({ parcel: "p-1", store: "acme", type: "pickup" }).error?.issues).toMatchObject([{ code: "unrecognized_keys" }]);
  expect(parsePlainPublish({ parcel: "p-1", store: "acme", data: [] }).error?.issues).toMatchObject([{ path: ["data"] }]);
});

test("a short confirm's text is its JSON, and of the others there is none: an error may say anything", () => {
  for (const offsets of [[1], [1, 20, 9_007_199_254_740_991], []]) {
    const confirm: Confirm = { outcome: "stored", offsets };
    expect(confirmText(confirm)).toBe(JSON.stringify(confirm));
  }
  expect(confirmText({ outcome: "confirmed", lanes: [] })).toBeNull();
});
