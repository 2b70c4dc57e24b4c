import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sidePackages } from "./side-packages.ts";

const lockOf = (packages: object) => JSON.stringify({ packages });
const root = { "": { name: "side" } };
const needed = { "node_modules/a": { version: "1.0.0" }, "node_modules/b/node_modules/a": { version: "2.0.0" } };
const wanted = { ...needed, "node_modules/of-another-system": { version: "1.0.0", optional: true } };

test.for([
  ["nothing", null, false],
  ["all that the lock names", wanted, true],
  ["all but what is optional", needed, true],
  ["one of two", { "node_modules/a": { version: "1.0.0" } }, false],
  ["another version", { ...wanted, "node_modules/a": { version: "1.0.1" } }, false],
] as const)("a folder where npm has put %s", ([, onDisk, isInstalled], { onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-side-packages-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package-lock.json"), lockOf({ ...root, ...wanted }));
  mkdirSync(join(folder, "node_modules"));
  if (onDisk !== null) writeFileSync(join(folder, "node_modules/.package-lock.json"), lockOf(onDisk));
  expect(sidePackages(folder, "clients").areInstalled()).toBe(isInstalled);
});
