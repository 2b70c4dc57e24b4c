/**
 * Why an event can be applied and yet be pending at the hub: its handler is done, each of its acks is lost on the way, its
 * attempts are used up. With it wait those of its parcel that were applied behind it. The judge counts them (`appliedYetPending`).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createAdmin, createDriver, createVendor, memoryOutbox } from "@waybill/client";
import { createTcpFaultProxy, startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { readMetrics } from "../src/crew/hub-process.ts";
import { askHubTime, readHubAccount } from "../src/end/hub-account.ts";

test("each ack of an applied event is lost: it ends stuck, with those behind it; a retry settles all without a handler", async () => {
  await using hub = await startHub({ args: ["--lease", "1s", "--backoff", "10ms", "--failed-max", "3"] });
  await using proxy = await createTcpFaultProxy({ target: { port: hub.port } });
  const operator = { url: hub.url, token: hub.token({ sub: "judge", role: "admin" }) };
  await using admin = await createAdmin(operator);
  const applied: string[] = [];
  const vendor = createVendor({ url: proxy.url, token: hub.token({ sub: "v", role: "vendor", stores: ["a"] }), reconnectMs: 20 });
  const driver = createDriver({ url: hub.url, token: hub.token({ sub: "d", role: "driver", driver: "d" }), outbox: memoryOutbox() });
  const isOver = Promise.withResolvers<void>();
  vendor.onOther((event) => {
    // From the first event on, nothing that the vendor says arrives; what the hub says does.
    if (applied.length === 0) proxy.set({ kind: "half-open", lost: "up" });
    applied.push(event.id);
    if (applied.length === 3) isOver.resolve();
  });
  await vendor.start({ queues: ["store/a"] });
  const event = (id: string) => ({ type: "message" as const, id, parcel: "p", store: "a", data: { text: id } });
  await Promise.all(["1", "2", "3"].map((id) => driver.publish(event(id))));
  await isOver.promise;

  const stuck = async () => {
    for await (const key of admin.stuckKeys({ queue: "store/a" })) return key;
    return undefined;
  };
  while ((await stuck()) === undefined) await sleep(20);
  expect(await stuck()).toMatchObject({ parcel: "p", offset: 1, failed: 3, interrupted: 0 });
  const metrics = readMetrics(await (await fetch(`${hub.url}/metrics`)).text());
  expect(await readHubAccount(operator, metrics)).toMatchObject({ pending: 3, stuck: 1, pendingOf: new Map([["a", 3]]) });

  proxy.reset();
  proxy.set({ kind: "pass" });
  expect(await askHubTime(operator)).toBeGreaterThan(0);
  await admin.retryKey({ queue: "store/a" }, "p");
  while ((await admin.subscription({ queue: "store/a" })).pending > 0) await sleep(20);
  expect(applied).toEqual(["1", "2", "3"]);
  await driver.close();
  await vendor.close({ drainMs: 0 });
});
