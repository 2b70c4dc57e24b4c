import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@waybill/options";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertHostAllowed, loadKey, makeKeyFile } from "./keys.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "waybill-key-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("the first start makes a key of 32 random bytes that only its owner reads, and later starts use it", async () => {
  const folder = join(dataDir, "new", "data");
  const made = await loadKey({ dataDir: folder });
  expect(made.from).toBe("demo");
  expect(made.secret).toHaveLength(32);
  expect(statSync(join(folder, "hub.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["hub.key"]);
  expect(readFileSync(join(folder, "hub.key"), "utf8").trim()).toMatch(/^[\w-]{43}$/);
  expect(await loadKey({ dataDir: folder })).toEqual(made);
});

test("several that start at once agree on one key", async () => {
  const keys = await Promise.all(Array.from({ length: 32 }, () => loadKey({ dataDir })));
  expect(new Set(keys.map(({ secret }) => Buffer.from(secret).toString("hex"))).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(["hub.key"]);
});

test("who comes second to make the key takes the first one's", async () => {
  const path = join(dataDir, "hub.key");
  const first = await makeKeyFile(dataDir, path);
  expect(await makeKeyFile(dataDir, path)).toBe(first);
  expect(readdirSync(dataDir)).toEqual(["hub.key"]);
});

test("an operator's key comes from text or a file, as base64 of either alphabet", async () => {
  const secret = Buffer.alloc(48, 0xfb);
  const keyFile = join(dataDir, "own.key");
  writeFileSync(keyFile, `${secret.toString("base64")}\n`);
  const expected = { secret, from: "operator" };
  expect(await loadKey({ keyFile, dataDir })).toEqual(expected);
  expect(await loadKey({ keyText: secret.toString("base64url"), keyFile, dataDir })).toEqual(expected);
  expect(readdirSync(dataDir)).toEqual(["own.key"]);
});

test.each([
  ["short", Buffer.alloc(31).toString("base64")],
  ["no base64", "a pass phrase that is long enough to be a key"],
  ["empty", ""],
])("a key that is %s is refused in words, without its text", async (_name, keyText) => {
  const refused = loadKey({ keyText, dataDir });
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow("32 bytes");
  if (keyText) await expect(refused).rejects.not.toThrow(keyText);
});

test("a key file that is not there is the operator's mistake, not a reason to make one", async () => {
  await expect(loadKey({ keyFile: join(dataDir, "nope"), dataDir })).rejects.toThrow("--key-file");
  expect(readdirSync(dataDir)).toEqual([]);
});

test("with the demo key a hub listens on loopback only", () => {
  const demo = { secret: new Uint8Array(32), from: "demo" as const };
  for (const host of ["localhost", "127.0.0.1", "127.8.9.10", "::1"]) expect(() => assertHostAllowed(host, demo)).not.toThrow();
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.evil.example", "hub.example"]) {
    expect(() => assertHostAllowed(host, demo)).toThrow("loopback only");
    expect(() => assertHostAllowed(host, { ...demo, from: "operator" })).not.toThrow();
  }
});
