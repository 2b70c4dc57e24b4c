import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, createVendor, type Vendor } from "@waybill/client";
import type { ParcelEvent } from "@waybill/events";
import { createSupervisor, type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram, script } from "./run-program.ts";

const JOBS = 30;
const parcels = Array.from({ length: JOBS }, (_, i) => `P-${i}`);
const ends = new Set(["delivered", "returned"]);

let hub: RunningHub;
let vendor: Vendor;
let folder: string;
const told = new Map<string, ParcelEvent[]>();
const watchers = new Set<() => void>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "waybill-drive-"));
  hub = await startHub();
  vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "acme", stores: ["acme"] }) });
  vendor.onOther((event) => {
    told.set(event.parcel, [...(told.get(event.parcel) ?? []), event]);
    for (const watch of watchers) watch();
  });
  await vendor.start();
});
afterAll(async () => {
  await vendor.close();
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** Resolves when this is true of what the store was told. */
const until = (isSo: () => boolean): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = (): void => {
    if (!isSo()) return;
    watchers.delete(watch);
    resolve();
  };
  watchers.add(watch);
  watch();
  return promise;
};
const typesOf = (parcel: string): string[] => (told.get(parcel) ?? []).map((event) => event.type);
const ended = (): number => parcels.filter((parcel) => typesOf(parcel).some((type) => ends.has(type))).length;

/** Who held the job when: claimed by another only after it was released. */
function holdersOf(parcel: string): string[] {
  const holders: string[] = [];
  let holder: string | null = null;
  for (const { type, data } of told.get(parcel) ?? []) {
    if (type === "claimed") {
      expect(holder, `${parcel} is claimed while it is free`).toBeNull();
      holder = "driver" in data ? String(data.driver) : "";
      holders.push(holder);
    } else if (type === "released") holder = null;
  }
  return holders;
}

test("a day of three drivers who lose their networks and whose process is killed: every job comes to its end, with one holder at a time", async () => {
  const drivers = ["dana", "eli", "fay"];
  const tokens = drivers.map((driver) => hub.token({ role: "driver", sub: driver, driver }));
  await using supervisor = createSupervisor();
  const drive = supervisor.start({
    name: "drive",
    script,
    args: ["drive", "--zone", "north", "--speed", "3000", "--outbox", join(folder, "outbox"), "--offline-every", "30m", "--drain", "30s"],
    env: { ...process.env, WAYBILL_URL: hub.url, WAYBILL_TOKEN: tokens.join(",") },
  });
  for (const parcel of parcels) await vendor.publish({ type: "ready", parcel, store: "acme", data: { zone: "north" } });

  for (const share of [1, JOBS / 3, (2 * JOBS) / 3]) {
    await until(() => ended() >= share);
    await drive.kill();
    drive.restart();
  }
  await until(() => ended() === JOBS);
  const stopped = drive.awaitLine((line) => line.what === "stopped" && line.driver === "dana");
  expect(await drive.stop()).toEqual({ code: 0, signal: null });
  expect(await stopped).toMatchObject({ pending: 0 });

  for (const parcel of parcels) {
    expect(holdersOf(parcel).length, parcel).toBeGreaterThan(0);
    // A kill between the outbox and the note of it repeats a scan; leaving repeats aside, the order is that of the way.
    const way = typesOf(parcel).filter((type) => ["pickup", "in-transit", "delivered", "returned"].includes(type));
    expect([...new Set(way)], parcel).toEqual(["pickup", "in-transit", way.at(-1)]);
  }
  expect(new Set(parcels.flatMap(holdersOf)).size).toBe(3);
});

test("more drivers than tokens, and two tokens for one driver, are refused before anything starts", async () => {
  const token = hub.token({ role: "driver", sub: "dana", driver: "dana" });
  const run = (tokens: string, ...args: string[]) =>
    runProgram(["drive", "--zone", "north", ...args], { env: { WAYBILL_URL: hub.url, WAYBILL_TOKEN: tokens } });
  expect(await run(token, "--drivers", "2")).toMatchObject({ code: 2, stderr: expect.stringContaining("2 drivers need 2 tokens") });
  expect(await run(`${token},${token}`)).toMatchObject({ code: 2, stderr: expect.stringContaining("the same driver") });
  expect(await run("rubbish")).toMatchObject({ code: 2, stderr: expect.stringContaining("not a driver's token") });
});

test("jobs lists what a driver holds", async () => {
  await vendor.publish({ type: "ready", parcel: "J-1", store: "acme", data: { zone: "south" } });
  const env = { WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "driver", sub: "gil", driver: "gil" }) };
  expect(await runProgram(["jobs"], { env })).toMatchObject({ code: 0, records: [] });
  await using gil = createDriver({ url: hub.url, token: env.WAYBILL_TOKEN });
  await gil.take("J-1");
  expect(await runProgram(["jobs"], { env })).toMatchObject({ code: 0, records: [{ parcel: "J-1", store: "acme", zone: "south" }] });
});
