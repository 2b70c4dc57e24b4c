/**
 * A hub with a great backlog is killed and started again: while it is at rest, in the midst of publishes, and with a long write-ahead log,
 * as after a time in which a reader kept it from starting over. At the end everything is handled, and checked.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createDriver, createVendor } from "@waybill/client";
import type { RunningHub } from "@waybill/testkit";
import { startBenchHub, tempFolder } from "../crew/bench-hub.ts";
import { startVendors } from "../crew/clients.ts";
import { storeQueue } from "../load/bench-event.ts";
import { type Filling, filledWith, fillFolder } from "../load/fill-folder.ts";
import { createPublishing, type Publishing } from "../load/publishing.ts";
import { accessTo } from "../peers/waybill/server.ts";
import { noAccount, type Row, type Setting, WAYBILL, type Workload } from "../workload.ts";

export const restart: Workload = {
  name: "restart",
  summary: "A hub with so many unsettled events is killed and started again: how soon it is ready, and offers the first of them.",
  defaults: { events: 1_000_000, stores: 100 },
  measures: {
    readySeconds: { label: "ready, s", digits: 2 },
    firstSeconds: { label: "first offer, s", digits: 2 },
    walMb: { label: "log at the kill, MB", digits: 1 },
  },
  run,
};

const MB = 1_048_576;
/** At 64 MB the committer waits for its checkpoint. */
const LONG_LOG_BYTES = 48 * MB;
const PUBLISHED_AT_ONCE = 2_000;

type Killed = { at: string; readySeconds: number; firstSeconds: number; walMb: number };

async function run(setting: Setting): Promise<Row[]> {
  const control = await killWithoutBacklog(setting);
  return [control, ...(await killWithBacklog(setting))];
}

/** What Node and the hub need by themselves on this machine, just now. */
async function killWithoutBacklog({ bytes, supervisor, profile }: Setting): Promise<Row> {
  using folder = tempFolder();
  await fillFolder({ folder: folder.path, phase: "fill", events: 1, bytes, stores: [0] });
  await using hub = await startBenchHub({ dataDir: folder.path, supervisor, profile });
  const { at, ...values } = await kill(hub, { at: "no backlog", before: async () => {} });
  return { ...WAYBILL, at, values, account: noAccount, faults: [] };
}

async function killWithBacklog(setting: Setting): Promise<Row[]> {
  const { events, bytes, plant, profile, supervisor } = setting;
  using folder = tempFolder();
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const filling: Filling = { folder: folder.path, phase: "fill", events, bytes, stores };
  await fillFolder(filling);
  await using hub = await startBenchHub({ dataDir: folder.path, supervisor, profile });
  const driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "bench", driver: "bench" }), reconnectMs: 50 });
  const publishing = createPublishing(driver, { store: stores.at(-1) ?? 0, bytes });
  const killed = [
    await kill(hub, { at: "at rest", before: async () => {} }),
    await kill(hub, { at: "while publishing", before: () => publishing.go(Math.min(events, PUBLISHED_AT_ONCE)) }),
    await kill(hub, { at: "with a long log", before: () => growLog(hub, publishing, Math.min(LONG_LOG_BYTES, (events * bytes) / 5)) }),
  ];
  await publishing.settled();
  await driver.close();

  const expected = { ...filledWith(filling), ...publishing.expected() };
  const vendors = await startVendors(supervisor, { access: accessTo(hub), expected, plant }, profile);
  await vendors.open(stores);
  await vendors.handled("fill", events);
  await vendors.handled(publishing.phase, publishing.count());
  await vendors.close();
  const { account } = await vendors.report();
  await vendors.stop();
  return killed.map(({ at, ...values }): Row => ({ ...WAYBILL, at, values, account, faults: [] }));
}

/** `before`: what is under way when it is killed. */
async function kill(hub: RunningHub, { at, before }: { at: string; before: () => Promise<void> }): Promise<Killed> {
  await before();
  const walMb = logBytes(hub.dataDir) / MB;
  const sinceMs = performance.now();
  await hub.killAndRestart();
  const readySeconds = (performance.now() - sinceMs) / 1_000;
  await firstOffer(hub);
  return { at, readySeconds, firstSeconds: (performance.now() - sinceMs) / 1_000, walMb };
}

/** Somebody reads the file all the while, so that the log cannot start over; gone when the hub is killed. */
async function growLog({ dataDir }: RunningHub, publishing: Publishing, bytes: number): Promise<void> {
  const reader = new DatabaseSync(join(dataDir, "waybill.db"), { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM meta").get();
  while (logBytes(dataDir) < bytes) await publishing.go(PUBLISHED_AT_ONCE);
  reader.close();
}

const logBytes = (folder: string): number => statSync(join(folder, "waybill.db-wal"), { throwIfNoEntry: false })?.size ?? 0;

/** A vendor that connects now; its handler never says that it is done, so that all stays unsettled. */
async function firstOffer(hub: RunningHub): Promise<void> {
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "bench", stores: "*" }) });
  const offered = new Promise<void>((resolve) => {
    vendor.onOther(() => {
      resolve();
      return new Promise(() => {});
    });
  });
  await vendor.start({ queues: [storeQueue(0)] });
  await offered;
  await vendor.close({ drainMs: 0 });
}
