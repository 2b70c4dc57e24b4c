import { openMemoryStorage } from "@waybill/storage";
import { expect, test } from "vitest";
import { createKnownNames } from "./known-names.ts";

test("a closed hub knows what was added, and nothing else", async () => {
  const names = createKnownNames(await openMemoryStorage(), { open: false });
  await names.add("default", "store", ["acme"]);
  expect(await names.missing("default", "store", ["acme", "bell", "bell"])).toEqual(new Set(["bell"]));
  expect(names.isCached("default", "store", "acme")).toBe(true);
  expect(names.isCached("default", "store", "bell")).toBe(false);
});

test("a name is known in its tenant and its kind only", async () => {
  const names = createKnownNames(await openMemoryStorage(), { open: false });
  await names.add("default", "store", ["acme"]);
  expect(names.isCached("other", "store", "acme")).toBe(false);
  expect(names.isCached("default", "driver", "acme")).toBe(false);
});

test("an open hub makes names known at first sight, also for its next start", async () => {
  const storage = await openMemoryStorage();
  expect(await createKnownNames(storage, { open: true }).missing("default", "zone", ["sp"])).toEqual(new Set());
  expect(await createKnownNames(storage, { open: false }).missing("default", "zone", ["sp"])).toEqual(new Set());
});

test("an open hub stops at its limit, and says how to go on", async () => {
  const names = createKnownNames(await openMemoryStorage(), { open: true });
  const ids = Array.from({ length: 10_001 }, (_, index) => `s${index}`);
  expect(await names.missing("default", "store", ids)).toEqual(new Set(["s10000"]));
  expect(names.error("store", "s10000")).toMatchObject({ code: "UNKNOWN_STORE", message: expect.stringContaining("store add s10000") });
});
