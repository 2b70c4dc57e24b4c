import { expect, test } from "vitest";
import { planParcel } from "./plan-parcel.ts";

const row = {
  order_id: "o1",
  parcel_id: "o1-1",
  store_id: "s1",
  store_state: "SP",
  items: "2",
  status: "delivered",
  approved_at: "2018-05-29T15:38:00",
  carrier_pickup_at: "2018-05-30T10:00:00",
  delivered_at: "2018-06-02T18:30:00",
  customer_city: "sao paulo",
  customer_state: "SP",
};
const typesOf = (change: Partial<typeof row>) => planParcel({ ...row, ...change }).steps.map(({ type }) => type);

test("a row becomes a parcel's day, in the zone of its store and the data's own time", () => {
  expect(planParcel(row)).toEqual({
    parcel: "o1-1",
    store: "s1",
    zone: "sp",
    items: 2,
    address: "sao paulo, SP",
    steps: [
      { type: "ready", at: "2018-05-29T15:38:00-03:00" },
      { type: "pickup", at: "2018-05-30T10:00:00-03:00" },
      { type: "in-transit", at: "2018-05-30T10:01:00-03:00" },
      { type: "delivered", at: "2018-06-02T18:30:00-03:00" },
    ],
  });
});

test("what did not happen is not replayed", () => {
  expect(typesOf({ delivered_at: "", status: "shipped" })).toEqual(["ready", "pickup", "in-transit"]);
  expect(typesOf({ carrier_pickup_at: "", delivered_at: "", status: "processing" })).toEqual(["ready"]);
});

test("a cancelled parcel ends with its cancel, a minute after its last date, and is never delivered", () => {
  expect(typesOf({ status: "canceled" })).toEqual(["ready", "pickup", "in-transit", "cancelled"]);
  const waiting = planParcel({ ...row, status: "unavailable", carrier_pickup_at: "", delivered_at: "" });
  expect(waiting.steps).toEqual([
    { type: "ready", at: "2018-05-29T15:38:00-03:00" },
    { type: "cancelled", at: "2018-05-29T15:39:00-03:00" },
  ]);
  const late = planParcel({ ...row, status: "canceled", carrier_pickup_at: "2018-05-01T00:00:00", delivered_at: "" });
  expect(late.steps.at(-1)).toEqual({ type: "cancelled", at: "2018-05-29T15:39:00-03:00" });
});

test("scans that are late keep their times and the parcel its order", () => {
  expect(planParcel({ ...row, carrier_pickup_at: "2018-05-01T00:00:00" }).steps.map(({ at }) => at.slice(0, 10))).toEqual([
    "2018-05-29",
    "2018-05-01",
    "2018-05-01",
    "2018-06-02",
  ]);
});

test("a time with a zone keeps it", () => {
  expect(planParcel({ ...row, carrier_pickup_at: "2018-05-30T23:59:30+02:00" }).steps[2]?.at).toBe("2018-05-31T00:00:30+02:00");
  expect(planParcel({ ...row, carrier_pickup_at: "2018-05-30T23:59:30Z" }).steps[2]?.at).toBe("2018-05-31T00:00:30Z");
});

test.each([
  ["parcel_id", { parcel_id: "no spaces allowed" }],
  ["store_id", { store_id: "UPPER" }],
  ["store_state", { store_state: "" }],
  ["approved_at: is empty", { approved_at: "" }],
  ["approved_at: not a time", { approved_at: "29.05.2018" }],
  ["carrier_pickup_at: not a time", { carrier_pickup_at: "soon" }],
  ["delivered_at: is filled and carrier_pickup_at is empty", { carrier_pickup_at: "" }],
  ["items", { items: "-1" }],
])("a row that cannot be replayed names its column and the reason: %s", (reason, change) => {
  expect(() => planParcel({ ...row, ...change })).toThrow(reason);
});
