import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdmin, createDriver, createVendor } from "@waybill/client";
import { startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const connectAdmin = (hub: TestHub) => createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });

async function publish(hub: TestHub, ...ids: string[]) {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }) });
  for (const id of ids) await driver.publish({ type: "in-transit", store: "acme", parcel: "p1", id });
}

test("the hub tells what it counted, what waits, what it is set to, and who is busy", async () => {
  await using hub = await startTestHub({ args: ["--retention", "1h"] });
  await publish(hub, "e1", "e2", "e3");
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: ["acme"] }) });
  const handled = Promise.withResolvers<void>();
  vendor.onOther(({ id }) => {
    if (id === "e3") handled.resolve();
  });
  await vendor.start();
  await handled.promise;
  await using admin = await connectAdmin(hub);
  let info = await admin.hub();
  while (info.counters.settled < 3 || info.gauges.pending > 0) info = await admin.hub();
  expect(info).toMatchObject({
    epoch: 1,
    draining: false,
    connections: { vendor: 1, admin: 1 },
    counters: { published: 3, stored: 3, appended: 3, delivered: 3, settled: 3, failed: 0, duplicates: 0, refused: 0 },
    settings: { open: true, key: "demo", host: "127.0.0.1", port: hub.running.port, retentionMs: 3_600_000, storage: "sqlite" },
    lastBackup: null,
    ballastReleased: false,
    you: { subject: "admin", role: "admin" },
  });
  expect(info.gauges.rssBytes).toBeGreaterThan(10_000_000);
  expect(info.gauges.diskFreeBytes).toBeGreaterThan(0);
  expect(info.you.expiresAtMs).toBeGreaterThan(info.wallMs);
  await publish(hub, "e4");
  while (info.busiest.length === 0) info = await admin.hub();
  expect(info.busiest).toMatchObject([{ queue: "store/acme", group: "main", consumers: 1 }]);
});

test("a backup is made while events come in, a name is used once, and it opens as a hub of its own", async () => {
  const backups = mkdtempSync(join(tmpdir(), "waybill-backups-"));
  try {
    await using hub = await startTestHub({ args: ["--backups", backups] });
    await publish(hub, "e1", "e2");
    await using admin = await connectAdmin(hub);
    const [made] = await Promise.all([admin.makeBackup({ name: "first" }), publish(hub, "e3")]);
    expect(made).toMatchObject({ name: "first", state: "done", path: join(backups, "first") });
    expect(made.events).toBeGreaterThanOrEqual(2);
    await expect(admin.makeBackup({ name: "first" })).rejects.toMatchObject({ code: "DATA_EXISTS" });
    await expect(admin.ask("backup:make", { name: "../first" })).rejects.toMatchObject({ code: "INVALID_MESSAGE" });
    await expect(admin.ask("backup:state", { name: "other" })).rejects.toMatchObject({ code: "UNKNOWN_BACKUP" });
    expect(await admin.backups()).toMatchObject({ folder: backups, backups: [{ name: "first", state: "done" }], more: false });
    expect(await admin.hub()).toMatchObject({ lastBackup: { name: "first" } });
    expect(readdirSync(join(backups, "first")).sort()).toEqual(["backup.json", "waybill.db"]);

    await using copy = await startHub({ dataDir: join(backups, "first") });
    await using reader = await createAdmin({ url: copy.url, token: copy.token({ role: "admin", sub: "ada" }) });
    const ids: string[] = [];
    for await (const { id } of reader.peek("store/acme", { from: 1 })) ids.push(id);
    expect(ids).toEqual(["e1", "e2", "e3"].slice(0, made.events ?? 0));
  } finally {
    rmSync(backups, { recursive: true });
  }
});
