import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ballast } from "../src/sqlite/committer/ballast.ts";

test("a ballast that cannot be made is none: its maker goes on", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-ballast-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(new Ballast(join(folder, "missing"), 1).make()).toBe(false);
  expect(new Ballast(folder, 1).make()).toBe(true);
});
