import { HubError } from "@waybill/events";
import { describe, expect, test } from "vitest";
import { fakeDriver } from "../../test/fake-driver.ts";
import { type BagJob, memoryBag } from "./bag.ts";
import { carryJob } from "./carry-job.ts";
import { createChance } from "./chance.ts";
import { planJob } from "./plan-job.ts";
import type { Said } from "./said.ts";

const job = (done = 0): BagJob => ({ parcel: "P-1", store: "acme", zone: "north", claim: 1, done, plan: "deliver" });

/** A seed whose plan for the job has this shape. */
const seedFor = (shape: string): string => {
  for (let i = 0; i < 10_000; i += 1) {
    const plan = planJob(createChance(`${i}/P-1/1/deliver`));
    if (plan.map((step) => ("handback" in step ? "handback" : step.tell.type)).join(" ") === shape) return String(i);
  }
  throw new Error(`no seed gives ${shape}`);
};
const delivery = seedFor("pickup in-transit delivered");

/** A clock whose sleeps end at once, and which stops after so many. */
const clock = (sleeps = 100, onSleep: (sleep: number) => void = () => undefined) => {
  const stop = new AbortController();
  let slept = 0;
  return {
    signal: stop.signal,
    sleep: async () => {
      slept += 1;
      onSleep(slept);
      if (slept > sleeps) stop.abort();
      return !stop.signal.aborted;
    },
  };
};

const carry = async (seed: string, rest: { start?: BagJob; clock?: ReturnType<typeof clock>; failures?: Error[] } = {}) => {
  const driver = fakeDriver();
  driver.failures.push(...(rest.failures ?? []));
  const bag = memoryBag();
  bag.put(rest.start ?? job());
  const said: Said[] = [];
  await carryJob("P-1", { driver, bag, clock: rest.clock ?? clock(), seed, say: (what) => said.push(what) });
  return { types: driver.published.map((event) => event.type), handedBack: driver.handedBack, left: bag.jobs.get("P-1"), said, bag };
};

test("a job is carried to its end and leaves the bag", async () => {
  const { types, left } = await carry(delivery);
  expect(types).toEqual(["pickup", "in-transit", "delivered"]);
  expect(left).toBeUndefined();
});

test("stopped in between, it stays in the bag where it stands, and a restart goes on from there", async () => {
  const stopped = await carry(delivery, { clock: clock(2) });
  expect(stopped.types).toEqual(["pickup", "in-transit"]);
  expect(stopped.left?.done).toBe(2);
  const restarted = await carry(delivery, { start: stopped.left! });
  expect(restarted.types).toEqual(["delivered"]);
});

test("an event that the hub refuses ends the job, with the reason", async () => {
  const { types, left, said } = await carry(delivery, { failures: [new HubError("CLAIM_LOST", "Another driver holds the job.")] });
  expect(types).toEqual([]);
  expect(left).toBeUndefined();
  expect(said).toEqual([{ what: "refused", parcel: "P-1", store: "acme", type: "pickup", why: "Another driver holds the job." }]);
});

test("when the client was closed by the end of the day, the job stays in the bag where it stood", async () => {
  const { left, said } = await carry(delivery, { failures: [new HubError("CLOSED", "The client was closed.")] });
  expect(left).toEqual(job());
  expect(said).toEqual([]);
});

describe("a job that is handed back", () => {
  const seed = seedFor("handback");
  test("leaves the bag and is not published", async () => {
    const { types, handedBack, left } = await carry(seed);
    expect({ types, handedBack, left }).toEqual({ types: [], handedBack: ["P-1"], left: undefined });
  });
  test("is asked again when no answer came", async () => {
    const { handedBack } = await carry(seed, {
      failures: [new HubError("TIMED_OUT", "no answer"), new HubError("HUB_DRAINING", "leaving")],
    });
    expect(handedBack).toEqual(["P-1"]);
  });
  test("is let go when the hub says that it is not his", async () => {
    const { handedBack, left, said } = await carry(seed, { failures: [new HubError("CLAIM_LOST", "It was cancelled.")] });
    expect({ handedBack, left }).toEqual({ handedBack: [], left: undefined });
    expect(said).toEqual([{ what: "lost-job", parcel: "P-1", why: "It was cancelled." }]);
  });
});

test("cancelled on the way: the parcel goes back to its store", async () => {
  const bag = memoryBag();
  bag.put(job());
  const driver = fakeDriver();
  const cancelled = clock(100, (sleep) => {
    if (sleep === 3) bag.put({ ...job(), plan: "return" });
  });
  await carryJob("P-1", { driver, bag, clock: cancelled, seed: delivery, say: () => undefined });
  expect(driver.published.map((event) => event.type)).toEqual(["pickup", "in-transit", "returning", "returned"]);
  expect(bag.jobs.size).toBe(0);
});
