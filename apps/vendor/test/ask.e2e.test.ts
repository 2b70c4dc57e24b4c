import { createAdmin, createVendor } from "@waybill/client";
import { type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

let hub: RunningHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());
const env = () => ({
  WAYBILL_URL: hub.url,
  WAYBILL_STORE: "acme",
  WAYBILL_TOKEN: hub.token({ role: "vendor", sub: "acme", stores: ["acme"] }),
});

test("ready, message and cancel are stored, each with what it was given", async () => {
  const ready = await runProgram(
    ["ready", "--parcel", "P-1", "--parcel", "P-2", "--zone", "north", "--items", "2", "--note", "ring twice"],
    { env: env() },
  );
  expect(ready).toMatchObject({
    code: 0,
    records: [
      { type: "ready", parcel: "P-1", outcome: "stored", queue: "store/acme", offset: 1 },
      { type: "ready", parcel: "P-2", outcome: "stored", queue: "store/acme", offset: 2 },
    ],
  });
  expect(await runProgram(["message", "--parcel", "P-1", "--text", "hurry"], { env: env() })).toMatchObject({ code: 0 });
  expect(await runProgram(["cancel", "--parcel", "P-1", "--reason", "sold out"], { env: env() })).toMatchObject({ code: 0 });

  await using vendor = createVendor({ url: hub.url, token: env().WAYBILL_TOKEN });
  const seen: [type: string, parcel: string, data: unknown][] = [];
  for await (const delivery of vendor.deliveries()) {
    seen.push([delivery.event.type, delivery.event.parcel, delivery.event.data]);
    delivery.ack();
    if (seen.length === 4) break;
  }
  // Each parcel in its order; which parcel comes first is nobody's promise.
  const of = (parcel: string) => seen.filter(([, other]) => other === parcel).map(([type, , data]) => [type, data]);
  expect(of("P-1")).toEqual([
    ["ready", { zone: "north", items: 2, note: "ring twice" }],
    ["message", { text: "hurry" }],
    ["cancelled", { reason: "sold out" }],
  ]);
  expect(of("P-2")).toEqual([["ready", { zone: "north", items: 2, note: "ring twice" }]]);
});

test("with --wait processed it waits until the store has settled it; a dead letter makes the exit code 1", async () => {
  const own = () => ({ ...env(), WAYBILL_STORE: "busy", WAYBILL_TOKEN: hub.token({ role: "vendor", sub: "busy", stores: ["busy"] }) });
  const say = (parcel: string) =>
    runProgram(["message", "--parcel", parcel, "--text", "hello", "--wait", "processed", "--timeout", "60s"], { env: own() });
  await using vendor = createVendor({ url: hub.url, token: own().WAYBILL_TOKEN });
  vendor.onOther(({ parcel }, delivery) => (parcel === "P-3" ? delivery.reject("cannot be read") : undefined));
  await vendor.start();
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin", sub: "admin" }) });
  await admin.setPolicy({ queue: "store/busy" }, "skip");
  expect(await say("P-2")).toMatchObject({ code: 0, records: [{ outcome: "processed", queue: "store/busy", offset: 1 }] });
  expect(await say("P-3")).toMatchObject({ code: 1, records: [{ outcome: "dead", queue: "store/busy", offset: 2 }] });
});

test("what is not to come before its time is stored, and comes then; too far ahead is refused with its path", async () => {
  const tell = (at: Date, parcel: string) =>
    runProgram(["message", "--parcel", parcel, "--text", "open now", "--not-before", at.toISOString(), "--store", "later"], {
      env: later(),
    });
  const later = () => ({ ...env(), WAYBILL_TOKEN: hub.token({ role: "vendor", sub: "later", stores: ["later"] }) });
  const soon = new Date(Date.now() + 1_500);
  expect((await tell(soon, "P-1")).records).toMatchObject([{ outcome: "stored", queue: "store/later", offset: 1 }]);
  expect(await tell(new Date(Date.now() + 31 * 86_400_000), "P-2")).toMatchObject({
    code: 1,
    records: [{ outcome: "refused", error: { code: "INVALID_EVENT", issues: [{ path: "notBefore" }] } }],
  });
  await using vendor = createVendor({ url: hub.url, token: later().WAYBILL_TOKEN });
  for await (const delivery of vendor.deliveries()) {
    expect(Date.now()).toBeGreaterThanOrEqual(soon.getTime());
    expect(delivery.event.notBefore).toBe(soon.toISOString());
    delivery.ack();
    break;
  }
});

test("one that is refused is told with path and reason, and makes the exit code 1", async () => {
  const ended = await runProgram(["ready", "--parcel", "P-3", "--parcel", "not a parcel", "--zone", "north"], { env: env() });
  expect(ended.records).toMatchObject([
    { parcel: "P-3", outcome: "stored" },
    { parcel: "not a parcel", outcome: "refused", error: { code: "INVALID_EVENT", issues: [{ path: "parcel" }] } },
  ]);
  expect(ended.code).toBe(1);
});

test("no hub: it says so after the time given, exit code 1", async () => {
  const ended = await runProgram(["cancel", "--parcel", "P-1", "--timeout", "200ms"], {
    env: { ...env(), WAYBILL_URL: "http://127.0.0.1:9" },
  });
  expect(ended.records).toMatchObject([{ outcome: "refused", error: { code: "TIMED_OUT" } }]);
  expect(ended.code).toBe(1);
});
