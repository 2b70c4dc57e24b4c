import { UsageError } from "@waybill/options";
import { expect, test } from "vitest";
import { parseOffset, parseQueue, parseSubscription } from "./subscription-word.ts";

test("a subscription is a queue, and a group where it is not main", () => {
  expect(parseSubscription("store/acme")).toEqual({ queue: "store/acme" });
  expect(parseSubscription("driver/dana:audit")).toEqual({ queue: "driver/dana", group: "audit" });
});

test.each(["acme", "store/ACME", "store/acme:", "store/acme:a:b", "shop/acme"])("%s is none", (word) => {
  expect(() => parseSubscription(word)).toThrow(UsageError);
});

test("a queue has a kind and an id, and no group", () => {
  expect(parseQueue("zone/north")).toBe("zone/north");
  for (const word of ["north", "zone/", "shop/a", "store/acme:audit", "store/ACME"]) expect(() => parseQueue(word)).toThrow(UsageError);
});

test("offsets are whole numbers from 1", () => {
  expect(parseOffset("17")).toBe(17);
  for (const word of ["0", "-1", "1.5", "x", ""]) expect(() => parseOffset(word)).toThrow(UsageError);
});
