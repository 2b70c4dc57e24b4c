import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type BagJob, fileBag } from "./bag.ts";

const folder = mkdtempSync(join(tmpdir(), "waybill-bag-"));
afterAll(() => rmSync(folder, { recursive: true }));
const job = (parcel: string, done = 0): BagJob => ({ parcel, store: "acme", zone: "north", claim: 1, done, plan: "deliver" });

test("a bag opened again holds what was put in and not removed", () => {
  const path = join(folder, "a.jobs");
  const bag = fileBag(path);
  bag.put(job("P-1"));
  bag.put(job("P-2"));
  bag.put(job("P-1", 2));
  bag.remove("P-2");
  expect([...fileBag(path).jobs.values()]).toEqual([job("P-1", 2)]);
});

test("a file that does not exist is an empty bag, and stays absent", () => {
  const path = join(folder, "none.jobs");
  expect(fileBag(path).jobs.size).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test.each(["", "{", '{"version":2,"jobs":[]}', '{"version":1,"jobs":[{"parcel":"P-1"}]}'])(
  "a file with %j is refused by its path",
  (content) => {
    const path = join(folder, "bad.jobs");
    writeFileSync(path, content);
    expect(() => fileBag(path)).toThrow(/bad\.jobs does not hold a driver's jobs/);
  },
);
