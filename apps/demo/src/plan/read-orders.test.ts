import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPlan } from "./load-plan.ts";
import { type BadRow, readOrders } from "./read-orders.ts";

const HEADER = "parcel_id,store_id,store_city,store_state,status,approved_at,carrier_pickup_at,delivered_at";
const row = (parcel: string, store = "s1", city = "sao paulo") =>
  `${parcel},${store},${city},SP,delivered,2018-05-29T15:38:00,2018-05-30T10:00:00,2018-06-02T18:30:00`;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-orders-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (lines: readonly string[], pack = (text: string): string | Buffer => text): string => {
  const path = join(folder, "orders.csv");
  writeFileSync(path, pack(`${lines.join("\n")}\n`));
  return path;
};
async function read(path: string) {
  const bad: BadRow[] = [];
  const parcels: string[] = [];
  for await (const { parcel } of readOrders(path, (found) => bad.push(found))) parcels.push(parcel);
  return { parcels, bad: bad.toSorted((a, b) => a.line - b.line) };
}

test("plain or gzip, whatever the name says; a comma inside quotes is no border", async () => {
  const lines = [HEADER, row("p1"), row("p2", "s1", '"novo hamburgo, rio grande do sul"')];
  expect(await read(put(lines))).toEqual({ parcels: ["p1", "p2"], bad: [] });
  expect(await read(put(lines, gzipSync))).toEqual({ parcels: ["p1", "p2"], bad: [] });
});

test("a bad row is told by its line and the reason, and the others are read", async () => {
  const { parcels, bad } = await read(put([HEADER, row("p1"), row("p 2"), "too,short", row("p1"), row("p3")]));
  expect(parcels).toEqual(["p1", "p3"]);
  expect(bad.map(({ line }) => line)).toEqual([3, 4, 5]);
  expect(bad[0]?.reason).toContain("parcel_id");
  expect(bad[1]?.reason).toContain("Invalid Record Length");
  expect(bad[2]?.reason).toBe("parcel_id: p1 stands in line 2 already");
});

test("a file without the columns, a missing one, and one that is cut off are refused", async () => {
  await expect(read(put(["a,b", "1,2"]))).rejects.toThrow("does not name parcel_id, store_id, store_state");
  await expect(read(join(folder, "none.csv"))).rejects.toMatchObject({ code: "ENOENT" });
  const cut = (text: string) => gzipSync(text).subarray(0, 60);
  await expect(read(put([HEADER, ...Array.from({ length: 500 }, (_, n) => row(`p${n}`))], cut))).rejects.toThrow("unexpected end of file");
});

test("a plan with bad rows is refused as a whole, with the first twenty of them", async () => {
  const path = put([HEADER, row("p1"), ...Array.from({ length: 25 }, (_, n) => row(`p ${n}`))]);
  await expect(loadPlan({ file: path, seed: 1 })).rejects.toThrow(/25 bad rows[\s\S]*line 3: parcel_id[\s\S]*and 5 more/);
});

test("only the busiest stores, in the order of the day", async () => {
  const path = put([HEADER, row("p1", "a"), row("p2", "b"), row("p3", "c"), row("p4", "c"), row("p5", "b"), row("p6", "c")]);
  const plan = await loadPlan({ file: path, stores: 2, seed: 1 });
  expect(plan.map(({ parcel }) => parcel)).toEqual(["p2", "p3", "p4", "p5", "p6"]);
});
