/** Old clients and a hub that is killed, stopped, or called wrongly; and what stopped being offered. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type CapsHub, connectOld, type OldClient, startCapsHub } from "../src/caps-hub.ts";
import { connectPlain } from "../src/plain-client.ts";

let hub: CapsHub;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  // Long enough to answer what comes, on a busy machine too.
  const impatient = ["--lease", "3s", "--failed-max", "1", "--backoff", "100ms"];
  hub = await startCapsHub({ stores: ["acme", "flowers", "pizza"], args: impatient });
});
afterAll(() => hub[Symbol.asyncDispose]());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const old = async (): Promise<OldClient> => {
  const client = await connectOld(`${hub.capsUrl}/caps`);
  clients.push(client);
  return client;
};
/** Joins after each connect, as a careful client does. */
const vendorOf = async (store: string): Promise<OldClient> => {
  const vendor = await old();
  vendor.emit("join", store);
  vendor.socket.on("connect", () => vendor.emit("join", store));
  return vendor;
};
const groupOf = async (store: string): Promise<unknown> => {
  const operator = await connectPlain(hub.url, "/admin", hub.token({ role: "admin" }));
  const { subscription } = await operator.request("sub:info", { queue: `store/${store}`, group: "caps" });
  operator.close();
  return subscription;
};

test("what nobody acknowledged gets stuck, alone; whoever asks for all that is kept is sent it again", async () => {
  const [driver, vendor] = [await old(), await vendorOf("acme")];
  await driver.socket.emitWithAck("delivered", { store: "acme", orderId: "a-1" });
  const sent = await vendor.next("delivered");
  await expect.poll(() => groupOf("acme")).toMatchObject({ stuck: 1, pending: 1 });
  await driver.socket.emitWithAck("delivered", { store: "acme", orderId: "a-2" });
  for (let last = sent; last.order.orderId !== "a-2"; ) {
    last = await vendor.next("delivered");
    if (last.order.orderId === "a-2") vendor.emit("received", last);
  }
  vendor.emit("getAll", { store: "acme" });
  const again = await vendor.next("delivered");
  expect(again.messageID).toBe(sent.messageID);
  vendor.emit("received", again);
  await expect.poll(() => groupOf("acme")).toMatchObject({ stuck: 0, pending: 0 });
});

test("what was in a client's hand when the hub was killed comes again, and is settled by its receipt then", async () => {
  const [driver, vendor] = [await old(), await vendorOf("flowers")];
  for (const orderId of ["f-1", "f-2"]) await driver.socket.emitWithAck("delivered", { store: "flowers", orderId });
  const before = [(await vendor.next("delivered")).messageID, (await vendor.next("delivered")).messageID];
  await hub.killAndRestart();
  const after = new Set<string>();
  while (after.size < 2) {
    const message = await vendor.next("delivered");
    vendor.emit("received", message);
    after.add(message.messageID);
  }
  expect([...after].sort()).toEqual(before.sort());
  await expect.poll(() => groupOf("flowers")).toMatchObject({ pending: 0 });
});

test("a hub that stops sends old clients away; what they say meanwhile they keep, and it is stored by the next", async () => {
  const [driver, vendor] = [await old(), await vendorOf("pizza")];
  const left = once(driver.socket as never, "disconnect");
  expect(await hub.running.program.stop()).toMatchObject({ code: 0 });
  await left;
  expect(driver.socket.active).toBe(true);
  driver.emit("in-transit", { store: "pizza", orderId: "z-1" });
  await hub.running.restart();
  expect(await vendor.next("in-transit")).toMatchObject({ store: "pizza", orderId: "z-1" });
});

test("an address that strangers may reach is refused before anything is opened", async () => {
  const script = fileURLToPath(new URL("../../hub/bin/hub.js", import.meta.url));
  const args = ["--port", "0", "--caps-port", "0", "--caps-stores", "acme", "--caps-host", "0.0.0.0"];
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, "--data", hub.running.dataDir, ...args], (error, _stdout, errors) =>
      resolve({ code: error?.code, stderr: errors }),
    );
  });
  expect(code).toBe(2);
  expect(stderr).toContain("--caps-public");
});
