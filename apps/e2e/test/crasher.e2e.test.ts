/** One event kills its vendor's process each time. It ends stuck, or buried, after the stated attempts; those around it are handled. */
import { fileURLToPath } from "node:url";
import { createAdmin } from "@waybill/client";
import { createSupervisor } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const INTERRUPTED_MAX = 3;
/** At the first death, when the culprit was in hand among others; the next time it is alone. */
const HUB_KILLS = 1;
const script = fileURLToPath(new URL("crashing-vendor.ts", import.meta.url));

/** The culprit is the first of its parcel, among many parcels. */
const culprit = "p5-1";
const events = Array.from({ length: 60 }, (_, index) => ({ id: `p${index % 20}-${1 + Math.floor(index / 20)}`, parcel: `p${index % 20}` }));
const behind = events.filter(({ id, parcel }) => parcel === "p5" && id !== culprit).map(({ id }) => id);
const others = events.filter(({ parcel }) => parcel !== "p5").map(({ id }) => id);

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

/** One for all; each has a store of its own. */
let hub: TestHub;
let onStuckOrBuried = () => {};
beforeAll(async () => {
  hub = await startTestHub({
    args: ["--interrupted-max", String(INTERRUPTED_MAX)],
    onLine: ({ msg }) => {
      if (msg === "stuck" || msg === "buried") onStuckOrBuried();
    },
  });
});
afterAll(() => hub[Symbol.asyncDispose]());

const cases = (["sdk", "plain"] as const).flatMap((how) => (["block", "skip"] as const).map((policy) => ({ how, policy })));

test.each(cases)("a crasher ($how, $policy), the hub killed meanwhile", async ({ how, policy }) => {
  const store = `${how}-${policy}`;
  const queue = { queue: `store/${store}` };
  const ended = Promise.withResolvers<void>();
  onStuckOrBuried = ended.resolve;
  const openAdmin = () => createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  // Another driver for each store: an event is known by its publisher and its id.
  const driver = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: store }));
  for (const { id, parcel } of events) expect(await driver.request("pickup", { id, parcel, store })).toMatchObject({ outcome: "stored" });
  driver.close();
  const before = await openAdmin();
  await before.setPolicy(queue, policy);
  await before[Symbol.asyncDispose]();

  const handled = new Map<string, number>();
  let onHandled = () => {};
  const allHandled = async (ids: readonly string[]) => {
    while (!ids.every((id) => handled.has(id))) {
      await new Promise<void>((resolve) => {
        onHandled = resolve;
      });
    }
  };
  let deaths = 0;
  await using supervisor = createSupervisor();
  supervisor.start({
    name: "vendor",
    script,
    args: [hub.url, hub.token({ role: "vendor", stores: [store] }), how, culprit],
    onLine: (line) => {
      handled.set(String(line.handled), Math.max(Number(line.attempt), handled.get(String(line.handled)) ?? 0));
      onHandled();
    },
    onCrash: ({ signal }, program) => {
      expect(signal).toBe("SIGKILL");
      deaths += 1;
      const again = deaths <= HUB_KILLS ? hub.killAndRestart() : Promise.resolve();
      again.then(() => program.restart()).catch(ended.reject);
    },
  });
  await ended.promise;
  await allHandled(policy === "block" ? others : [...others, ...behind]);

  // A death that is not counted makes the event a suspect, offered alone from then on; one is told too late with each hub that dies at that moment.
  expect(deaths).toBeGreaterThanOrEqual(INTERRUPTED_MAX);
  expect(deaths).toBeLessThanOrEqual(INTERRUPTED_MAX + 1 + HUB_KILLS);
  await using admin = await openAdmin();
  const stuck = await all(admin.stuckKeys(queue));
  const dead = await all(admin.deadLetters(queue));
  const counted = { offset: 6, notes: Array(INTERRUPTED_MAX).fill(expect.objectContaining({ kind: "interrupted" })) };
  if (policy === "block") {
    expect(stuck).toMatchObject([{ parcel: "p5", failed: 0, interrupted: INTERRUPTED_MAX, ...counted }]);
    expect(dead).toEqual([]);
    expect(behind.some((id) => handled.has(id))).toBe(false);
  } else {
    expect(stuck).toEqual([]);
    expect(dead).toMatchObject([{ parcel: "p5", offset: 6 }]);
    expect(await admin.deadLetter(queue, 6)).toMatchObject(counted);
  }
  // Only what was started beside the culprit, in its burst, was interrupted with it: once, and never by a plain client, which starts nothing.
  // A hub that dies takes the ack of the last milliseconds with it: what was alone in hand then has one attempt more.
  const attempts = others.map((id) => handled.get(id) ?? 0);
  expect(Math.max(...attempts)).toBeLessThanOrEqual((how === "sdk" ? 2 : 1) + HUB_KILLS);
  // The vendor says what it handled before it acks that.
  const left = policy === "block" ? { pending: 3, stuck: 1 } : { pending: 0, stuck: 0 };
  await expect.poll(() => admin.subscription(queue)).toMatchObject(left);
});
