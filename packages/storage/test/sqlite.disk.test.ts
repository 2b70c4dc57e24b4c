/** A disk that fails under a running storage (injected by strace), and data folders of earlier formats. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqliteStorage } from "../src/index.ts";
import { append, byHub, numbered, outcomesOf, plain, range, readAll, tenant } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

function folder(): string {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  return path;
}

const traced = spawnSync("strace", ["-f", "-o", "/dev/null", "true"], { encoding: "utf8" });
const cannotTrace = traced.status === 0 ? "" : (traced.error?.message ?? traced.stderr.trim());
if (cannotTrace !== "") process.stdout.write(`disk errors: skipped, no strace here: ${cannotTrace}\n`);

describe.skipIf(cannotTrace !== "")("disk errors", () => {
  const script = fileURLToPath(new URL("./disk-error-child.ts", import.meta.url));
  test.each([
    { call: "fsync", error: "EIO", when: "20", code: "STORAGE_FAILED" },
    { call: "fsync", error: "EIO", when: "21..23", code: "STORAGE_FAILED" },
    { call: "pwrite64", error: "EIO", when: "150..153", code: "STORAGE_FAILED" },
    { call: "pwrite64", error: "ENOSPC", when: "150..158", code: "STORAGE_FULL" },
  ])(
    "[P1] [P2] $call fails with $error ($when): what was refused is not there, and it goes on by itself",
    ({ call, error, when, code }) => {
      const inject = ["-f", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${when}`];
      const { stdout, stderr } = spawnSync("strace", [...inject, process.execPath, script, folder()], { encoding: "utf8" });
      expect(stderr).toBe("");
      const told: { confirmed: number; refused: string[]; numbers: number[]; lane: number } = JSON.parse(stdout);
      expect(told.refused.length).toBeGreaterThan(0);
      expect(new Set(told.refused)).toEqual(new Set([code]));
      expect(told.confirmed).toBe(80 - told.refused.length);
      expect(told.numbers).toEqual(range(1, told.confirmed));
      expect(told.lane).toBe(told.confirmed);
    },
  );
});

describe("data folders of every format", () => {
  const fixtures = fileURLToPath(new URL("./fixtures/", import.meta.url));

  test.each(readdirSync(fixtures).filter((file) => file.endsWith(".db.gz")))("%s opens, has all that it had, and goes on", async (file) => {
    const path = folder();
    writeFileSync(join(path, "waybill.db"), gunzipSync(readFileSync(join(fixtures, file))));
    const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 16 });
    onTestFinished(() => storage.close());
    expect((await readAll(storage, "store/acme")).map(({ number }) => number)).toEqual(range(1, 40));
    expect((await readAll(storage, "zone/z")).map(({ id }) => id)).toEqual(range(1, 40).map((n) => `x${n}`));
    expect((await storage.subscription({ tenant, queue: "store/acme", group: "main" }))?.progress).toMatchObject({
      cursor: 33,
      open: [[30, 31]],
    });
    // Groups of format 1 keep each parcel's order; format 2 has groups that keep the queue's.
    const orderOf = async (group: string) => (await storage.subscription({ tenant, queue: "store/acme", group }))?.order;
    expect(await orderOf("main")).toBe("key");
    if (file !== "format-1.db.gz") expect(await orderOf("ledger")).toBe("queue");
    const outcomes = await append(storage, [numbered(3), numbered(41), plain("x2", { home: "store/other" }), byHub("h1")]);
    expect(outcomesOf(outcomes)).toEqual(["duplicate", "stored", "duplicate", "stored"]);
  });
});
