import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStorage, verifyFolder } from "@waybill/storage";
import { expect, onTestFinished, test } from "vitest";
import { fixtureFormats, unpackFixture } from "../src/upgrade/fixtures.ts";
import { missing, run } from "./run-proof.ts";

const slow = { timeout: 300_000 };

// Each command is shown to work, and to find what it is for, by a handful of its points; the proofs themselves are steps of `.ci/run`.

async function folder(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "waybill-proof-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const storage = await openSqliteStorage({ path, ballastBytes: 0 });
  const event = { tenant: "default", from: { kind: "hub" as const }, number: 0, type: "message", parcel: "p1", body: Buffer.from("{}") };
  await storage.commit({ nowMs: 1, items: [{ ...event, home: "store/a", id: "e1", copies: [] }], progress: [] });
  await storage.close();
  return path;
}

test("verify says that a folder is whole, and what is wrong with one that is not, by its exit code too", async () => {
  const path = await folder();
  const whole = run("verify", path);
  expect(whole.text).toContain("The data folder is whole.");
  expect(whole.code).toBe(0);
  const db = new DatabaseSync(join(path, "waybill.db"));
  db.exec("UPDATE tail SET blob = x'00'");
  db.close();
  const broken = run("verify", path);
  expect(broken.text).toContain("FAULT checksum: commit 1 of the tail");
  expect(broken.code).toBe(1);
  expect(run("verify", path, "--json").verdict).toMatchObject({ ok: false, findingsCount: 1, findings: [{ check: "checksum" }] });
});

test("verify refuses a folder that a hub holds, and says so when there is none", async () => {
  const path = await folder();
  const storage = await openSqliteStorage({ path, ballastBytes: 0 });
  const held = run("verify", path);
  await storage.close();
  expect(held.stderr).toContain("DATA_HELD");
  expect(held.code).toBe(3);
  expect(run("verify", join(path, "nothing")).code).toBe(2);
});

test.skipIf(missing !== null)("[I1] [I3] [I5] [I6] killed at some of its points, the storage has all that it confirmed", slow, () => {
  const { code, verdict, text } = run("crashpoints", "--points", "2", "--script", "ack", "--script", "migrate");
  expect(text.split("\n").filter((line) => /: (lost|damaged|refused|stuck): /.test(line))).toEqual([]);
  expect(verdict).toMatchObject({ ok: true, taken: 2, violations: 0 });
  expect(Number(verdict.reached)).toBeGreaterThan(0);
  expect(code).toBe(0);
});

test.skipIf(missing !== null)("[I1] [I5] [I10] after power cuts the storage and the outbox have all that they confirmed", slow, () => {
  const { code, verdict } = run("powercut", "--cuts", "4", "--script", "seal", "--script", "outbox");
  expect(verdict).toMatchObject({ ok: true, cuts: 4, lost: 0, violations: 0 });
  expect(code).toBe(0);
});

test.skipIf(missing !== null)("the negative control: with synchronous = NORMAL confirmed events are found lost", slow, () => {
  const { code, verdict } = run("powercut", "--cuts", "12", "--script", "publish", "--synchronous", "NORMAL");
  expect(Number(verdict.lost)).toBeGreaterThan(0);
  expect(code).toBe(1);
});

test.skipIf(missing !== null)(
  "a folder of each format opens, also when it is killed meanwhile; a newer one is refused, untouched",
  slow,
  () => {
    const { code, verdict, text } = run("upgrade", "--points", "1");
    expect(text).toContain("a newer format: refused, and left as it was");
    expect(verdict).toMatchObject({ ok: true, violations: 0, formats: { "format 1": { taken: 1, violations: 0 } } });
    expect(code).toBe(0);
  },
);

test("the newest format has its fixture, with every kind of row", async () => {
  const path = await folder();
  expect(verifyFolder(path).format).toBe(fixtureFormats.at(-1));
  for (const format of fixtureFormats) {
    const at = { folder: join(path, `format-${format}`), history: join(path, `format-${format}.history`) };
    unpackFixture(format, at);
    const { counts, findings } = verifyFolder(at.folder);
    expect(findings).toEqual([]);
    for (const [what, count] of Object.entries(counts)) expect(count, `${what} of format ${format}`).toBeGreaterThan(0);
  }
});

test("damaged folders are refused or noticed, never served silently", slow, () => {
  const { code, verdict, text } = run("damage", "--rounds", "9");
  expect(text).not.toContain("SERVED SILENTLY");
  expect(verdict).toMatchObject({ ok: true, rounds: 9, silent: 0 });
  expect(code).toBe(0);
});

test("the negative control: with checksums switched off wrong events are found served", slow, () => {
  const { code, verdict, text } = run("damage", "--rounds", "8", "--kind", "bit in a page", "--checksums", "off");
  expect(text).toContain("is not what was stored");
  expect(Number(verdict.silent)).toBeGreaterThan(0);
  expect(code).toBe(1);
});
