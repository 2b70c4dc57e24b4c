import { createVendor, type Vendor } from "@waybill/client";
import { type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

let hub: RunningHub;
let vendor: Vendor;
beforeAll(async () => {
  hub = await startHub();
  vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "acme", stores: ["acme"] }) });
  vendor.onOther((event, delivery) => {
    if (delivery.redrive === 0 && event.id.endsWith("-bad")) delivery.reject("no such street");
  });
  await vendor.start();
  for (const [parcel, id] of [
    ["P-1", "e1-bad"],
    ["P-1", "e2"],
    ["P-2", "e3-bad"],
  ] as const)
    await vendor.publish({ type: "message", parcel, store: "acme", id, data: { text: "hello" } });
});
afterAll(async () => {
  await vendor.close();
  await hub.close();
});

const waybill = (...args: string[]) =>
  runProgram(args, { env: { WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "admin", sub: "ada" }) } });

/** The same command again until it has so many lines: deliveries take their time. */
async function listed(count: number, ...args: string[]) {
  for (;;) {
    const { records } = await waybill(...args);
    if (records.length === count) return records;
  }
}

test("from a stuck parcel to a dead letter that is sent again, another discarded", async () => {
  expect(await listed(2, "key", "ls", "store/acme")).toMatchObject([
    { parcel: "P-1", offset: 1, failed: 1, event: { id: "e1-bad" } },
    { parcel: "P-2", offset: 3, failed: 1 },
  ]);
  expect((await waybill("event", "explain", "store/acme", "2")).records).toMatchObject([
    {
      offset: 2,
      first: 1,
      reason: { because: "stuck" },
      sentence: expect.stringContaining("waits behind offset 1 of its parcel, which is stuck"),
    },
  ]);
  expect((await waybill("sub", "ls")).records).toMatchObject([{ subscription: "store/acme", pending: 3, stuck: 2, readers: 1 }]);

  expect(await waybill("key", "skip", "store/acme", "P-1", "--reason", "shop closed")).toMatchObject({ code: 0, records: [{ offset: 1 }] });
  expect(await waybill("sub", "policy", "store/acme", "skip")).toMatchObject({ code: 0, records: [{ policy: "skip" }] });
  expect(await listed(2, "dead", "ls", "store/acme")).toMatchObject([{ offset: 1, reason: "shop closed" }, { offset: 3 }]);
  expect((await waybill("dead", "show", "store/acme", "1")).records).toMatchObject([
    { event: { id: "e1-bad" }, notes: [{ by: "vendor acme" }, { by: "admin ada", reason: "shop closed" }] },
  ]);

  expect(await waybill("dead", "redrive", "store/acme")).toMatchObject({ code: 2, stderr: expect.stringContaining("--all") });
  expect((await waybill("dead", "redrive", "store/acme", "--all", "--dry-run")).records).toEqual([
    { offsets: [1, 3], busy: [], dryRun: true },
  ]);
  expect((await waybill("dead", "discard", "store/acme", "--offset", "3", "--reason", "a test")).records).toMatchObject([{ offsets: [3] }]);
  expect((await waybill("dead", "redrive", "store/acme", "--parcel", "P-1", "--per-second", "10")).records).toMatchObject([
    { offsets: [1] },
  ]);
  expect(await listed(0, "dead", "ls", "store/acme")).toEqual([]);
});

test("paused, resumed, and looked at", async () => {
  expect(await waybill("sub", "pause", "store/acme")).toMatchObject({ code: 0, records: [{ paused: true }] });
  expect((await waybill("sub", "info", "store/acme")).records).toMatchObject([{ paused: true, readers: [{ by: "vendor acme" }] }]);
  expect(await waybill("sub", "resume", "store/acme")).toMatchObject({ code: 0, records: [{ paused: false }] });
  expect((await waybill("event", "show", "store/acme", "2")).records).toMatchObject([{ id: "e2", event: { data: { text: "hello" } } }]);
});

test("a new group is replayed to, set back, set forward with a reason, and deleted", async () => {
  const looked = await waybill("replay", "store/acme:audit", "--from", "2", "--types", "message", "--order", "queue", "--dry-run");
  expect(looked).toMatchObject({ code: 0, records: [{ first: 2, head: 3, events: 2, order: "queue", dryRun: true }] });
  expect(await waybill("sub", "info", "store/acme:audit")).toMatchObject({ code: 3, stderr: expect.stringContaining("UNKNOWN_GROUP") });
  expect((await waybill("replay", "store/acme:audit", "--from", "start")).records).toMatchObject([
    { subscription: "store/acme:audit", first: 1 },
  ]);
  const refused = await waybill("sub", "reset", "store/acme:audit", "--to", "end");
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/RESET_SKIPS.*3 events/) });
  expect((await waybill("sub", "reset", "store/acme:audit", "--to", "end", "--dry-run")).records).toMatchObject([
    { before: { generation: 1, floor: 0 }, after: { generation: 2, floor: 3 }, skipped: 3, dryRun: true },
  ]);
  const forward = ["sub", "reset", "store/acme:audit", "--to", "end", "--skip-unsettled"];
  expect(await waybill(...forward)).toMatchObject({ code: 2, stderr: expect.stringContaining("--reason") });
  expect((await waybill(...forward, "--reason", "a test")).records).toMatchObject([{ after: { floor: 3 }, skipped: 3, dryRun: false }]);
  expect((await waybill("sub", "reset", "store/acme:audit", "--to", "start")).records).toMatchObject([{ again: 3, after: { floor: 0 } }]);
  expect((await waybill("sub", "rm", "store/acme:audit")).records).toMatchObject([{ pending: 3, consumers: 0 }]);
  expect(await waybill("sub", "rm", "store/acme")).toMatchObject({ code: 2, stderr: expect.stringContaining("Name the group") });
  expect(await waybill("replay", "store/acme:x", "--from", "yesterday")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no place"),
  });
});

test("what is wrong is said with its exit code", async () => {
  expect(await waybill("key", "retry", "store/acme", "P-9")).toMatchObject({ code: 3, stderr: expect.stringContaining("NOT_STUCK") });
  expect(await waybill("dead", "ls", "store/nowhere")).toMatchObject({ code: 3, stderr: expect.stringContaining("UNKNOWN_STORE") });
  expect(await waybill("event", "explain", "acme", "1")).toMatchObject({ code: 2, stderr: expect.stringContaining("is no subscription") });
  expect(await waybill("sub", "policy", "store/acme", "maybe")).toMatchObject({ code: 2, stderr: expect.stringContaining("is no policy") });
});
