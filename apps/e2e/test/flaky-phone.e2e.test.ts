/** A phone loses its connection 100 times, in the middle of its deliveries. All is handled; nothing is buried, nothing stuck, nothing counted for good. */
import { createAdmin, createDriver, createVendor } from "@waybill/client";
import { createChance, createTcpFaultProxy } from "@waybill/testkit";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { startTestHub } from "../src/test-hub.ts";

const LOSSES = 100;
const PARCELS = 30;
/** Its handler lives through all losses. A plain client is a stranger each time, so there it would be blamed for them. */
const LONG = "long";
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

// An SDK is recognised by its instance: two interruptions that stay counted would already be too many.
test.each([
  { how: "sdk", interruptedMax: 2 },
  { how: "plain", interruptedMax: 20 },
])("100 lost connections ($how)", { timeout: 240_000 }, async ({ how, interruptedMax }) => {
  await using hub = await startTestHub({ args: ["--lease", "60s", "--interrupted-max", String(interruptedMax)] });
  await using proxy = await createTcpFaultProxy({ target: { port: hub.running.port } });
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }) });
  const chance = createChance(7);
  const published: string[] = [];
  const publish = async (count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `e${published.length + index}`);
    published.push(...ids);
    await Promise.all(ids.map((id, index) => driver.publish({ type: "pickup", store: "acme", parcel: `p${index % PARCELS}`, id })));
  };

  const handled = new Set<string>();
  let longRuns = 0;
  let onChange = () => {};
  const change = () =>
    new Promise<void>((resolve) => {
      onChange = resolve;
    });
  /** Of the connection, as the client sees it. */
  let isUp = false;
  let losses = 0;
  const becomes = (up: boolean) => {
    if (isUp && !up) losses += 1;
    isUp = up;
    onChange();
  };
  const isOver = Promise.withResolvers<void>();
  const handle = async (id: string) => {
    if (id === LONG) longRuns += 1;
    if (id === LONG) await isOver.promise;
    else await pause(1 + chance.int(0, 9));
    handled.add(id);
    onChange();
  };
  const token = hub.token({ role: "vendor", stores: ["acme"] });
  if (how === "sdk") {
    const vendor = createVendor({ url: proxy.url, token, reconnectMs: 5, reconnectMsMax: 20 });
    onTestFinished(() => vendor.close({ drainMs: 0 }));
    vendor.listen("status", (status) => becomes(status === "connected"));
    becomes(vendor.status === "connected");
    vendor.onOther(({ id }) => handle(id));
    await vendor.start();
  } else {
    const socket = io(`${proxy.url}/vendor`, {
      auth: { token },
      transports: ["websocket"],
      reconnectionDelay: 5,
      reconnectionDelayMax: 20,
    });
    onTestFinished(() => void socket.close());
    socket.on("connect", () => {
      becomes(true);
      socket.emit("subscribe", {}, () => {});
    });
    socket.on("disconnect", () => becomes(false));
    socket.on("pickup", async ({ id }: { id: string }, ack: () => void) => {
      await handle(id);
      ack();
    });
  }

  if (how === "sdk") {
    published.push(LONG);
    await driver.publish({ type: "pickup", store: "acme", parcel: LONG, id: LONG });
  }
  const kinds = ["reset", "cut", "blackhole"] as const;
  while (losses < LOSSES) {
    const kind = kinds[losses % kinds.length];
    const before = handled.size;
    if (published.length - before < PARCELS) await publish(2 * PARCELS);
    // Something was handled over this connection, and more is in hand.
    while (!isUp || handled.size === before) await change();
    if (kind === "cut") proxy.cut();
    if (kind === "blackhole") {
      // What is sent into it is gone; then the phone finds another network.
      proxy.set({ kind: "blackhole" });
      await pause(chance.int(0, 30));
      proxy.set({ kind: "pass" });
    }
    if (kind !== "cut") proxy.reset();
    while (isUp) await change();
  }
  isOver.resolve();
  while (handled.size < published.length) await change();

  expect(longRuns).toBe(how === "sdk" ? 1 : 0);
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  await expect
    .poll(async () => admin.subscription({ queue: "store/acme" }))
    .toMatchObject({ pending: 0, stuck: 0, dead: 0, head: published.length });
});
