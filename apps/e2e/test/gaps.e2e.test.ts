/** A gap is told until somebody has confirmed that they know of it, whatever dies meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, createAdmin, createVendor } from "@waybill/client";
import { expect, onTestFinished, test } from "vitest";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";
import type { TestHub } from "../src/test-hub.ts";
import { startTrimmedHub } from "../src/trimmed-hub.ts";

const audit = { queue: "store/acme", group: "audit" };
/** Of 100 events. */
const gap = { from: 1, to: 48 };

async function newHub(): Promise<TestHub> {
  const hub = await startTrimmedHub();
  onTestFinished(() => hub[Symbol.asyncDispose]());
  await asked(hub, (admin) => admin.createGroup(audit, { from: "start" }));
  return hub;
}

/** Over a connection of its own: an operator's one does not outlive its hub. */
async function asked<T>(hub: TestHub, ask: (admin: Admin) => Promise<T>): Promise<T> {
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  return await ask(admin);
}

const info = (hub: TestHub) => asked(hub, (admin) => admin.subscription(audit));
const reasonOf = (hub: TestHub, offset: number) => asked(hub, async (admin) => (await admin.explain(audit, offset)).reason);

const tokenOf = (hub: TestHub) => hub.token({ role: "vendor", stores: ["acme"] });

async function subscribe(
  hub: TestHub,
  protocol?: number,
): Promise<{ plain: PlainClient; reply: Record<string, unknown>; told: unknown[] }> {
  const plain = await connectPlain(hub.url, "/vendor", tokenOf(hub), protocol === undefined ? {} : { protocol });
  onTestFinished(() => plain.close());
  const told: unknown[] = [];
  plain.socket.on("gap", (notice) => told.push(notice));
  const reply = await plain.request("subscribe", audit);
  return { plain, reply, told };
}

const standsAt = (hub: TestHub, floor: number): Promise<void> =>
  asked(hub, async (admin) => {
    while ((await admin.subscription(audit)).floor < floor) await sleep(10);
    // Answered behind the commit of all that the hub knows by now: a kill takes nothing of it back.
    await admin.setPolicy(audit, "block");
  });

test.each([{ protocol: undefined }, { protocol: 1 }])(
  "a plain client (version $protocol) is told in each answer and each notice, over kills of the hub, until it acks what came after it",
  async ({ protocol }) => {
    const hub = await newHub();
    for (let round = 0; round < 3; round++) {
      const { plain, reply, told } = await subscribe(hub, protocol);
      expect(reply).toMatchObject({ outcome: "subscribed", floor: 0, gap });
      const [first] = await plain.take(1);
      expect(first?.event.offset).toBeGreaterThan(48);
      expect(told).toEqual([{ queue: audit.queue, ...gap }]);
      plain.close();
      if (round === 1) await hub.killAndRestart();
    }
    expect(await info(hub)).toMatchObject({ floor: 0, pending: 100, gaps: [gap] });
    expect(await reasonOf(hub, 7)).toEqual({ because: "trimmed", firstKept: 49, gap });

    const { plain } = await subscribe(hub, protocol);
    const [first] = await plain.take(1);
    // Which event comes first after all that, the attempts decide; it is behind the gap in any case.
    first?.ack();
    await standsAt(hub, 48);
    plain.close();
    await hub.killAndRestart();
    const again = await subscribe(hub, protocol);
    expect(again.reply).not.toHaveProperty("gap");
    await again.plain.take(1);
    expect(again.told).toEqual([]);
    expect(await info(hub)).toMatchObject({ gaps: [] });
    expect(await reasonOf(hub, 7)).toEqual({ because: "trimmed", firstKept: 49 });
  },
);

test("the SDK tells it once and confirms it, though nothing is acked; where nobody listens, it is told again", async () => {
  const hub = await newHub();
  const heard: unknown[] = [];
  const start = async (listens: boolean) => {
    const vendor = createVendor({ url: hub.url, token: tokenOf(hub), reconnectMs: 50, reconnectMsMax: 200 });
    onTestFinished(() => vendor.close({ drainMs: 0 }));
    if (listens) vendor.listen("gap", (notice) => heard.push(notice));
    const begun = new Promise<void>((resolve) =>
      vendor.onOther(() => {
        resolve();
        return new Promise(() => {});
      }),
    );
    await vendor.start({ group: audit.group });
    await begun;
    return vendor;
  };
  const deaf = await start(false);
  expect(await info(hub)).toMatchObject({ floor: 0, gaps: [gap] });
  await deaf.close({ drainMs: 0 });

  const vendor = await start(true);
  await standsAt(hub, 48);
  await hub.killAndRestart();
  await standsAt(hub, 48);
  await vendor.close({ drainMs: 0 });
  await (await start(true)).close({ drainMs: 0 });
  expect(heard).toEqual([{ ...audit, ...gap }]);
});

test("a plain client may confirm it by its offsets, where nothing comes after it", async () => {
  const hub = await newHub();
  const { plain, reply } = await subscribe(hub);
  plain.socket.emit("settle", { sub: reply.sub, epoch: 1, gaps: [[1, 48]] });
  await standsAt(hub, 48);
  expect(await info(hub)).toMatchObject({ gaps: [] });
});
