import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHistory, readHistory, readHistorySync } from "./history.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-history-"));
  path = join(folder, "deep", "driver.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function all(file: string): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const record of readHistory(file)) records.push(record);
  return records;
}

test("what was written can be read, at once and after another start", async () => {
  const first = openHistory(path);
  first.write({ n: 1, text: "Straße, ✓" });
  expect(readHistorySync(path)).toEqual([{ n: 1, text: "Straße, ✓" }]);
  first.close();
  const second = openHistory(path);
  second.write({ n: 2 });
  second.close();
  expect(await all(path)).toEqual([{ n: 1, text: "Straße, ✓" }, { n: 2 }]);
});

test("a torn last line is passed over by readers, and cut off by the next writer", async () => {
  const history = openHistory(path);
  history.write({ n: 1 });
  history.close();
  appendFileSync(path, '{"n":2,"tex');
  expect(await all(path)).toEqual([{ n: 1 }]);
  expect(readHistorySync(path)).toEqual([{ n: 1 }]);
  const next = openHistory(path);
  next.write({ n: 3 });
  next.close();
  expect(readFileSync(path, "utf8")).toBe('{"n":1}\n{"n":3}\n');
});

test("a file that is nothing but a torn line is emptied, also when it is longer than what is read at once", async () => {
  openHistory(path).close();
  appendFileSync(path, `{"text":"${"x".repeat(200_000)}`);
  const next = openHistory(path);
  next.write({ n: 1 });
  next.close();
  expect(readHistorySync(path)).toEqual([{ n: 1 }]);
});

test("damage in the middle is an error, never passed over", async () => {
  openHistory(path).close();
  appendFileSync(path, '{"n":1}\n{"n"\n{"n":3}\n');
  expect(() => readHistorySync(path)).toThrow("driver.jsonl:2 is not JSON");
  await expect(all(path)).rejects.toThrow("driver.jsonl:2 is not JSON");
});

test("a missing file is an empty one; many lines come in their order", async () => {
  expect(readHistorySync(path)).toEqual([]);
  expect(await all(path)).toEqual([]);
  const history = openHistory(path);
  for (let n = 0; n < 20_000; n++) history.write({ n, filler: "0123456789".repeat(8) });
  history.close();
  const records = await all(path);
  expect(records).toHaveLength(20_000);
  expect(records.at(-1)).toMatchObject({ n: 19_999 });
});
