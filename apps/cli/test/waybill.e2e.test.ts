import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createDriver, createVendor } from "@waybill/client";
import { type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

let hub: RunningHub;
let folder: string;
beforeAll(async () => {
  hub = await startHub({ args: ["--pickup-due", "1s"] });
  folder = mkdtempSync(join(tmpdir(), "waybill-cli-"));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});
const env = () => ({ WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "admin", sub: "ada" }) });
const waybill = (...args: string[]) => runProgram(args, { env: env() });
const ids = async (kind: string) => (await waybill(kind, "ls")).records.map((record) => record.id);

test("names that are added are listed, once, in their order", async () => {
  expect(await waybill("store", "add", "zeta", "acme-widgets", "zeta")).toMatchObject({
    code: 0,
    records: [{ kind: "store", added: 2, known: 0 }],
  });
  expect(await waybill("store", "add", "acme-widgets", "1-206-flowers")).toMatchObject({ records: [{ added: 1, known: 1 }] });
  expect(await ids("store")).toEqual(["1-206-flowers", "acme-widgets", "zeta"]);
  expect(await waybill("store", "add", "NO STORE")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"NO STORE" is no name of a store'),
  });
});

test("a file with bad ids adds nothing; with --skip-bad it adds the rest; thousands come in pages", async () => {
  const path = join(folder, "drivers.csv.gz");
  const rows = Array.from({ length: 2_500 }, (_, i) => `${i},d-${String(i).padStart(4, "0")}`);
  writeFileSync(path, gzipSync(["n,driver_id", ...rows, "x,BAD ONE", "y,BAD ONE", ""].join("\n")));
  const refused = await waybill("driver", "import", path);
  expect(refused).toMatchObject({ code: 1, records: [], stderr: expect.stringContaining('line 2502: "BAD ONE" is refused') });
  expect(await ids("driver")).toEqual([]);
  expect(await waybill("driver", "import", path, "--skip-bad")).toMatchObject({
    code: 0,
    records: [{ added: 2_500, known: 0, skipped: 1 }],
  });
  const listed = await ids("driver");
  expect(listed).toHaveLength(2_500);
  expect(listed.slice(0, 2)).toEqual(["d-0000", "d-0001"]);
  expect((await waybill("driver", "ls", "--after", "d-2498")).records).toEqual([{ id: "d-2499" }]);
});

test("ids on standard input, upper case folded", async () => {
  const ended = await runProgram(["zone", "import", "-", "--lower-case"], { env: env(), input: "SP\nRJ\nsp\n" });
  expect(ended).toMatchObject({ code: 0, records: [{ kind: "zone", added: 2 }] });
  expect(await ids("zone")).toEqual(["rj", "sp"]);
});

test("jobs: waiting, taken, and overdue once the pickup is late", async () => {
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "acme", stores: ["acme"] }) });
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
  for (const parcel of ["P-1", "P-2"]) await vendor.publish({ type: "ready", parcel, store: "acme", data: { zone: "north" } });
  await driver.take("P-2");
  const job = (parcel: string, holder: string | null) => ({
    parcel,
    store: "acme",
    zone: "north",
    driver: holder,
    since: expect.stringMatching(/^20.*Z$/),
  });
  expect((await waybill("jobs", "waiting")).records).toEqual([job("P-1", null)]);
  expect((await waybill("jobs", "taken")).records).toEqual([job("P-2", "dana")]);
  let overdue = await waybill("jobs", "overdue");
  while (overdue.records.length === 0) overdue = await waybill("jobs", "overdue");
  expect(overdue.records).toEqual([job("P-2", "dana")]);
});

test("without a token, the local hub's key makes one; without a key it says what to do", async () => {
  const { WAYBILL_URL } = env();
  const local = await runProgram(["zone", "ls", "--data", hub.dataDir], { env: { WAYBILL_URL } });
  expect(local).toMatchObject({ code: 0 });
  expect(await runProgram(["zone", "ls", "--data", folder], { env: { WAYBILL_URL } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("npm run token -- --role admin"),
  });
});

test("a token that is no admin's is refused with exit code 3; no hub at all is 1 and says how to start one", async () => {
  const token = hub.token({ role: "driver", sub: "dana", driver: "dana" });
  expect(await waybill("store", "ls", "--token", token)).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/error (FORBIDDEN|UNAUTHORIZED)/),
  });
  expect(await waybill("store", "ls", "--url", "http://127.0.0.1:9")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("npm run hub"),
  });
});
