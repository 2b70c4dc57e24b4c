import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import { fakeDriver } from "../../test/fake-driver.ts";
import { type BagJob, memoryBag } from "./bag.ts";
import type { Said } from "./said.ts";
import { simulateDriver } from "./simulate-driver.ts";

/** Sleeps end at once, but hold while `frozen` waits. */
const dayOf = () => {
  const stop = new AbortController();
  const frozen = { until: Promise.resolve() };
  const clock = {
    signal: stop.signal,
    sleep: async () => {
      await frozen.until;
      await new Promise(setImmediate);
      return !stop.signal.aborted;
    },
  };
  return { clock, frozen, stop };
};

function day(carryMax = 2) {
  const driver = fakeDriver();
  const bag = memoryBag();
  const { clock, frozen, stop } = dayOf();
  const said: Said[] = [];
  const waiting: { match: (said: Said) => boolean; resolve: () => void }[] = [];
  const says = (match: (said: Said) => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (said.some(match)) resolve();
    else waiting.push({ match, resolve });
    return promise;
  };
  const say = (what: Said): void => {
    said.push(what);
    for (const { match, resolve } of waiting) if (match(what)) resolve();
  };
  const begin = (): Promise<void> => simulateDriver({ driver, zones: ["north"], bag, clock, seed: "day", carryMax, say });
  return { driver, bag, frozen, stop, said, says, begin };
}
const held = (parcel: string) => ({ parcel, store: "acme", zone: "north", claim: 1 });
const inBag = (parcel: string, done: number): BagJob => ({ ...held(parcel), done, plan: "deliver" });

test("a job that is offered is taken and carried to its end", async () => {
  const { driver, bag, stop, said, begin } = day();
  const ended = begin();
  await driver.looking;
  for (let i = 0; i < 20; i += 1) await driver.offer(`P-${i}`);
  while (bag.jobs.size > 0) await new Promise(setImmediate);
  stop.abort();
  await ended;
  const took = said.filter((each) => each.what === "took").length;
  expect(took).toBeGreaterThan(10);
  expect(driver.published.filter((event) => event.type === "pickup").length + driver.handedBack.length).toBe(took);
});

test("with full hands, an offer waits until one is free, and passes when it is withdrawn first", async () => {
  const { driver, frozen, stop, begin, bag } = day(1);
  bag.put(inBag("P-0", 0));
  const onTheWay = Promise.withResolvers<void>();
  frozen.until = onTheWay.promise;
  const ended = begin();
  frozen.until = Promise.resolve(); // P-0 is on its way; nothing else takes time.
  await driver.looking;
  const withdrawn = new AbortController();
  const passed = driver.offer("P-1", withdrawn.signal);
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
  withdrawn.abort();
  expect(await passed).toBe("let pass");
  const waits = driver.offer("P-2");
  onTheWay.resolve();
  expect(await waits).not.toBe("let pass");
  stop.abort();
  await ended;
});

test("a job lost to another driver is said, and not carried", async () => {
  const { driver, stop, said, begin } = day();
  const ended = begin();
  await driver.looking;
  for (let i = 0; i < 5; i += 1) {
    driver.failures.splice(0, driver.failures.length, new HubError("CLAIM_LOST", "Another driver was first."));
    await driver.offer(`P-${i}`);
  }
  driver.failures.length = 0;
  stop.abort();
  await ended;
  expect(said.filter((each) => each.what === "lost-job").length).toBeGreaterThan(0);
  expect(driver.published).toEqual([]);
});

test("after a connection the hub's word decides: what it holds for him is taken up, what it does not is let go", async () => {
  const { driver, bag, frozen, stop, says, begin } = day();
  bag.put(inBag("P-cancelled", 0));
  bag.put(inBag("P-on-the-way", 1));
  driver.held = [held("P-answer-lost")];
  driver.lost.add("P-cancelled");
  const freeze = Promise.withResolvers<void>();
  frozen.until = freeze.promise;
  const ended = begin();
  await driver.looking;
  driver.connect();
  await says((each) => each.what === "took" && each.parcel === "P-answer-lost");
  await says((each) => each.what === "lost-job" && each.parcel === "P-cancelled");
  expect([...bag.jobs.keys()].sort()).toEqual(["P-answer-lost", "P-on-the-way"]);
  stop.abort();
  freeze.resolve();
  await ended;
});

test("a job whose pickup was stored while the hub's list was on its way is not let go", async () => {
  const { driver, bag, frozen, stop, said, says, begin } = day();
  bag.put(inBag("P-just-picked-up", 0)); // No longer taken, so not in the list; its claim is still his.
  bag.put(inBag("P-cancelled", 0));
  driver.lost.add("P-cancelled");
  const freeze = Promise.withResolvers<void>();
  frozen.until = freeze.promise;
  const ended = begin();
  await driver.looking;
  driver.connect();
  await says((each) => each.what === "lost-job" && each.parcel === "P-cancelled");
  expect([...bag.jobs.keys()]).toEqual(["P-just-picked-up"]);
  expect(said.filter((each) => each.what === "lost-job")).toHaveLength(1);
  stop.abort();
  freeze.resolve();
  await ended;
});

test("the hub is asked only when it knows all that the outbox holds: a job that is done may still look taken", async () => {
  const { driver, bag, stop, says, said, begin } = day();
  driver.pending = 3;
  driver.held = [held("P-delivered")];
  const ended = begin();
  await driver.looking;
  driver.connect();
  await says((each) => each.what === "online");
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
  expect(bag.jobs.size).toBe(0);
  driver.held = [held("P-other")];
  driver.pending = 0;
  await says((each) => each.what === "took");
  stop.abort();
  await ended;
  expect(said.filter((each) => each.what === "took").map((each) => each.parcel)).toEqual(["P-other"]);
});

test("a job that came to its end while the hub was asked is not begun again by the answer", async () => {
  const { driver, bag, frozen, stop, said, begin } = day();
  bag.put(inBag("P-1", 1));
  const freeze = Promise.withResolvers<void>();
  frozen.until = freeze.promise;
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<readonly ReturnType<typeof held>[]>();
  driver.jobs = () => {
    asked.resolve();
    return answer.promise;
  };
  const ended = begin();
  await driver.looking;
  driver.connect();
  await asked.promise;
  bag.remove("P-1");
  answer.resolve([held("P-1")]);
  for (let i = 0; i < 10; i += 1) await new Promise(setImmediate);
  stop.abort();
  freeze.resolve();
  await ended;
  expect(said.filter((each) => each.what === "took")).toEqual([]);
});

test("a job cancelled before the pickup leaves the bag; after it, the parcel goes back", async () => {
  const { driver, bag, frozen, stop, begin } = day();
  bag.put(inBag("P-early", 0));
  bag.put(inBag("P-late", 1));
  const freeze = Promise.withResolvers<void>();
  frozen.until = freeze.promise;
  const ended = begin();
  await driver.looking;
  for (const parcel of ["P-early", "P-late", "P-unknown"]) driver.deliver({ type: "cancelled", parcel, store: "acme", data: {} });
  expect([...bag.jobs.values()]).toEqual([{ ...inBag("P-late", 0), plan: "return" }]);
  freeze.resolve();
  while (bag.jobs.size > 0) await new Promise(setImmediate);
  stop.abort();
  await ended;
  expect(driver.published.map((event) => [event.parcel, event.type])).toEqual([
    ["P-late", "returning"],
    ["P-late", "returned"],
  ]);
});

test("a driver whom the hub refuses ends with its reason", async () => {
  const { driver, begin } = day();
  driver.ready = () => Promise.reject(new HubError("UNAUTHORIZED", "The token expired."));
  await expect(begin()).rejects.toThrow("The token expired.");
});

test("a token that expires in the middle of the day ends it with the reason", async () => {
  const { driver, begin } = day();
  const ended = begin();
  await driver.looking;
  driver.end("the token expired");
  await expect(ended).rejects.toThrow("the token expired");
});
