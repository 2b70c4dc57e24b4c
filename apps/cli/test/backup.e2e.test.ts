import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver } from "@waybill/client";
import { startHub } from "@waybill/testkit";
import { expect, onTestFinished, test } from "vitest";
import { runProgram } from "./run-program.ts";

test("a backup of a running hub, restored and verified as files; what a hub holds is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using hub = await startHub();
  const env = { WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "admin", sub: "ada" }) };
  const waybill = (...args: string[]) => runProgram(args, { env });
  {
    await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
    for (const id of ["e1", "e2"]) await driver.publish({ type: "pickup", store: "acme", parcel: "p1", id });
  }

  const made = await waybill("backup", "first");
  const path = join(hub.dataDir, "backups", "first");
  expect(made).toMatchObject({ code: 0, records: [{ name: "first", state: "done", path, events: 2 }] });
  expect(await waybill("backup", "first")).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_EXISTS") });
  expect(await waybill("backup", "../first")).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be a backup's name") });
  expect((await waybill("backup", "ls")).records).toMatchObject([{ name: "first", state: "done" }]);

  const [top] = (await waybill("top", "--once")).records;
  expect(top).toMatchObject({ counters: { stored: 2 }, gauges: { pending: 2 }, rates: { published: 0 }, lastBackup: { name: "first" } });

  const target = join(folder, "new");
  expect(await waybill("verify", hub.dataDir)).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_HELD") });
  expect(await waybill("restore", path, hub.dataDir)).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_HELD") });
  expect(await waybill("restore", hub.dataDir, target)).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_HELD") });
  expect(existsSync(join(target, "waybill.db"))).toBe(false);
  const restored = await waybill("restore", path, target);
  expect(restored).toMatchObject({
    code: 0,
    records: [{ events: 2, queues: 1, was: made.records[0]?.storageId, hubTimeMs: expect.any(Number) }],
  });
  expect(restored.records[0]?.storageId).not.toBe(made.records[0]?.storageId);
  expect(await waybill("verify", target)).toMatchObject({ code: 0, records: [{ ok: true, storageId: restored.records[0]?.storageId }] });
  expect(await waybill("restore", path, target)).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_EXISTS") });
});
