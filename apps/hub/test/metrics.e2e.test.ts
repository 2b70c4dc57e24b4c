import { startHub } from "@waybill/testkit";
import { io, type Socket } from "socket.io-client";
import { expect, test } from "vitest";

async function connect(url: string, token: string): Promise<Socket> {
  const socket = io(url, { auth: { token }, transports: ["websocket"], forceNew: true });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return socket;
}

/** Sums of the page's samples by name, over all labels or those that match. */
async function readCounters(url: string): Promise<(name: string, label?: string) => number> {
  const page = await (await fetch(`${url}/metrics`, { headers: { connection: "close" } })).text();
  const samples = page.split("\n").flatMap((line) => {
    const [, name = "", labels = "", value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    return value === undefined ? [] : [{ name, labels, value: Number(value) }];
  });
  return (name, label = "") =>
    samples.filter((sample) => sample.name === name && sample.labels.includes(label)).reduce((sum, { value }) => sum + value, 0);
}

test("nothing vanishes between two counters: stored, duplicates and refused are all that was published; settled and pending all that was appended", async () => {
  await using hub = await startHub();
  const driver = await connect(`${hub.url}/driver`, hub.token({ role: "driver", sub: "d", driver: "d1" }));
  const publish = (id: string, body: object = {}) => driver.emitWithAck("delivered", { id, parcel: `p-${id}`, store: "acme", ...body });
  const answers = await Promise.all([
    ...Array.from({ length: 20 }, (_, index) => publish(`e${index}`)),
    publish("bad", { data: { nope: 1 } }),
  ]);
  expect(answers.map(({ outcome }) => outcome)).toEqual([...Array(20).fill("stored"), "refused"]);
  expect(await publish("e7")).toMatchObject({ outcome: "duplicate" });

  const vendor = await connect(`${hub.url}/vendor`, hub.token({ role: "vendor", sub: "v", stores: ["acme"] }));
  let handled = 0;
  const done = new Promise<void>((resolve) => {
    vendor.on("delivered", (_event, ack: () => void) => {
      handled += 1;
      if (handled === 1 || handled > 13) return; // In hand, and not settled.
      ack();
      if (handled === 13) resolve();
    });
  });
  await vendor.emitWithAck("subscribe", {});
  await done;

  await expect.poll(async () => (await readCounters(hub.url))("waybill_settled_total")).toBe(12);
  // Gauges are measured anew every 2 s at most.
  await expect.poll(async () => (await readCounters(hub.url))("waybill_pending")).toBe(8);
  const count = await readCounters(hub.url);
  expect(count("waybill_published_total")).toBe(22);
  expect(count("waybill_stored_total") + count("waybill_duplicates_total") + count("waybill_refused_total")).toBe(22);
  expect(count("waybill_refused_total", 'code="INVALID_EVENT"')).toBe(1);
  expect(count("waybill_appended_total")).toBe(count("waybill_settled_total", 'group="main"') + count("waybill_pending"));
  expect(count("waybill_connections")).toBe(2);
  expect(count("waybill_wal_bytes")).toBeGreaterThan(0);
  for (const socket of [driver, vendor]) socket.close();
  await expect.poll(async () => (await readCounters(hub.url))("waybill_connections")).toBe(0);

  // Without a consumer they are counted from the storage: what is settled above the first unsettled one is settled there too.
  const admin = await connect(`${hub.url}/admin`, hub.token({ role: "admin", sub: "a" }));
  // Answered behind the commit of all that is settled by now: the kill takes nothing of that back.
  expect(await admin.emitWithAck("sub:policy", { queue: "store/acme", policy: "block" })).toEqual({ outcome: "done" });
  admin.close();
  await hub.killAndRestart();
  await expect.poll(async () => (await readCounters(hub.url))("waybill_pending")).toBe(8);
});
