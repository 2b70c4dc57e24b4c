import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createSupervisor, type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram, script } from "./run-program.ts";

let hub: RunningHub;
let folder: string;
beforeAll(async () => {
  hub = await startHub();
  folder = mkdtempSync(join(tmpdir(), "waybill-replay-"));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});
const env = () => ({ WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });

const header = "order_id,parcel_id,store_id,status,purchased_at,carrier_pickup_at,delivered_at";
const row = (i: number) => `o${i},P-${i},shop-${i % 3},delivered,2018-05-0${1 + (i % 3)}T10:00:00,2018-05-05T10:00:00,2018-05-06T10:00:00`;

test("a gzip file: three events a row are stored; a bad row is named by its line and makes the exit code 1", async () => {
  const path = join(folder, "orders.csv.gz");
  writeFileSync(path, gzipSync([header, ...Array.from({ length: 200 }, (_, i) => row(i)), "o,P-x,NO STORE,delivered,,,", ""].join("\n")));
  const { code, records } = await runProgram(["replay", path], { env: env() });
  expect(records.filter((record) => record.what === "bad-row")).toMatchObject([{ line: 202, reason: expect.stringContaining("store_id") }]);
  expect(records.at(-1)).toMatchObject({ what: "done", published: 600, stored: 600, refused: 0, unknown: 0, badRows: 1, stopped: false });
  expect(code).toBe(1);
});

test("at the file's own speed it waits for the time to come, and SIGTERM ends it in good order", async () => {
  const path = join(folder, "slow.csv");
  writeFileSync(path, [header, row(1), ""].join("\n"));
  await using supervisor = createSupervisor();
  const program = supervisor.start({ name: "driver", script, args: ["replay", path, "--speed", "1"], env: { ...process.env, ...env() } });
  // The pickup is published at once; the in-transit is a minute away.
  await program.awaitLine((line) => line.what === "progress");
  const exit = await Promise.all([program.awaitLine((line) => line.what === "done"), program.stop()]);
  expect(exit).toMatchObject([{ published: 1, stored: 1, unknown: 0, stopped: true }, { code: 0 }]);
});

test("a file without the columns, and one that is not there: exit code 1 and what is missing", async () => {
  const path = join(folder, "other.csv");
  writeFileSync(path, "a,b\n1,2\n");
  expect(await runProgram(["replay", path], { env: env() })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("parcel_id, store_id"),
  });
  expect(await runProgram(["replay", join(folder, "no.csv")], { env: env() })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error ENOENT"),
  });
});
