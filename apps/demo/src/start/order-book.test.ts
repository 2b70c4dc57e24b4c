import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openOrderBook } from "./order-book.ts";

const options = { stores: ["a", "b"], zones: ["north", "south"], seed: "1" };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-orders-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("started again, the numbering goes on; the same seed makes the same orders", () => {
  const path = join(folder, "orders.jsonl");
  const first = openOrderBook(path, options);
  expect([first.next().parcel, first.next().parcel]).toEqual(["P-0001", "P-0002"]);
  first.close();
  const second = openOrderBook(path, options);
  const third = second.next();
  expect(third).toMatchObject({ id: "P-0003:ready", parcel: "P-0003" });
  second.close();
  const other = openOrderBook(join(folder, "other.jsonl"), options);
  other.next();
  other.next();
  expect(other.next()).toEqual(third);
  other.close();
});
