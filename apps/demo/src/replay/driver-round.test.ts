import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Driver, HubError, type Job, type JobOffer, memoryOutbox, type NewEvent } from "@waybill/client";
import { createChance, type History, isPublisherRecord, openHistory, readHistorySync } from "@waybill/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { genDay } from "../plan/gen-day.ts";
import { createDriverRound } from "./driver-round.ts";
import { type RecordedOutbox, recordOutbox } from "./recorded-outbox.ts";

const planned = genDay({ seed: 1, parcels: 1, stores: 1, zones: 1, kind: "all-delivered" })[0]!;
const { parcel, store, zone } = planned;
const job = (claim = 2): Job => ({ parcel, store, zone, claim });
const refused = (code: "CLAIM_LOST" | "UNKNOWN_PARCEL" | "TIMED_OUT" | "CANCELLED") => new HubError(code, "no");

let folder = "";
let history: History;
let outbox: RecordedOutbox;
let published: string[];
const past = () => readHistorySync(join(folder, "history.jsonl")).filter(isPublisherRecord);
const kinds = () => past().map(({ kind }) => kind);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-round-"));
  history = openHistory(join(folder, "history.jsonl"));
  published = [];
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** A hub that answers as the test says; what is published is noted and never confirmed. */
async function round(
  hub: { take?: () => Promise<Job>; jobs?: () => Promise<Job[]>; handback?: () => Promise<void> },
  probability = 0,
  plan = [planned],
) {
  outbox = recordOutbox(memoryOutbox(), { producer: "d1", history, past: past() });
  await outbox.open();
  const client: Pick<Driver, "publish" | "take" | "jobs" | "handback"> = {
    publish(event: NewEvent) {
      published.push(event.type);
      return new Promise<never>(() => undefined);
    },
    take: hub.take ?? (() => Promise.reject(refused("CLAIM_LOST"))),
    jobs: hub.jobs ?? (() => Promise.resolve([])),
    handback: hub.handback ?? (() => Promise.resolve()),
  };
  return createDriverRound({
    driver: "d1",
    client,
    outbox,
    history,
    past: past(),
    plan: new Map(plan.map((known) => [known.parcel, known])),
    pace: () => Promise.resolve(),
    handback: { probability, chance: createChance(1) },
  });
}

/** Lets everything run that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const offerOf = (take: () => Promise<Job>) => {
  const seen = { declined: 0 };
  const offer: JobOffer = {
    event: { id: "x", type: "ready", parcel, store, at: "2026-05-04T08:00:00Z", data: { zone } },
    zone,
    signal: new AbortController().signal,
    take,
    decline: () => void seen.declined++,
  };
  return { offer, seen };
};

test("an offer is taken, and the job carried to its end in its order", async () => {
  const { offered } = await round({});
  await offered(offerOf(() => Promise.resolve(job())).offer);
  await settled();
  expect(published).toEqual(["pickup", "in-transit", "delivered"]);
  expect(kinds()).toEqual(["take", "held"]);
});

test("a job that is another's is not carried", async () => {
  const { offered } = await round({});
  await offered(offerOf(() => Promise.reject(refused("CLAIM_LOST"))).offer);
  await settled();
  expect(published).toEqual([]);
  expect(kinds()).toEqual(["take", "not-held"]);
});

test("a parcel that nobody picks up is declined", async () => {
  const { offered } = await round({}, 0, []);
  const { offer, seen } = offerOf(() => Promise.reject(new Error("must not be asked")));
  await offered(offer);
  expect(seen.declined).toBe(1);
  expect(kinds()).toEqual([]);
});

const unexpected = () => Promise.reject(new Error("must not be asked"));

test("a take whose answer was lost is found again by asking what is held", async () => {
  const { offered, resume } = await round({ jobs: () => Promise.resolve([job()]) });
  await offered(offerOf(() => Promise.reject(refused("CANCELLED"))).offer);
  expect(kinds()).toEqual(["take"]);
  await resume();
  await settled();
  expect(kinds()).toEqual(["take", "held"]);
  expect(published).toEqual(["pickup", "in-transit", "delivered"]);
});

test("told twice that a job is held, by whatever claim, it is carried and counted once", async () => {
  const driver = await round({ jobs: () => Promise.resolve([job(3)]) });
  await driver.offered(offerOf(() => Promise.resolve(job(2))).offer);
  await driver.resume();
  await settled();
  expect(driver.claims).toBe(1);
  expect(published).toHaveLength(3);
  expect(kinds()).toEqual(["take", "held"]);
});

test("after a restart only what is neither in the outbox nor confirmed is published", async () => {
  history.write({ kind: "take", t: 1, driver: "d1", parcel });
  history.write({ kind: "held", t: 2, driver: "d1", parcel, store, claim: 2 });
  history.write({ kind: "intent", t: 3, producer: "d1", id: `${parcel}:pickup`, type: "pickup", parcel, store });
  history.write({ kind: "answer", t: 4, id: `${parcel}:pickup`, outcome: "stored", queue: `store/${store}`, offset: 0 });
  history.write({ kind: "intent", t: 5, producer: "d1", id: `${parcel}:in-transit`, type: "in-transit", parcel, store });
  const { resume } = await round({});
  await resume();
  await settled();
  expect(published).toEqual(["in-transit", "delivered"]);
});

test("a job that is handed back is not carried, also not by an answer that is older than that", async () => {
  let handbacks = 0;
  const again = () => (++handbacks === 1 ? Promise.reject(refused("TIMED_OUT")) : Promise.resolve());
  const { offered, resume } = await round({ handback: again, jobs: () => Promise.resolve([job(2)]) }, 1);
  await offered(offerOf(() => Promise.resolve(job(2))).offer);
  expect(handbacks).toBe(2);
  await resume();
  await settled();
  expect(published).toEqual([]);
  expect(kinds()).toEqual(["take", "held", "handback", "handed-back"]);
});

test("a handback that a kill cut short is finished before anything else", async () => {
  history.write({ kind: "held", t: 2, driver: "d1", parcel, store, claim: 2 });
  history.write({ kind: "handback", t: 3, driver: "d1", parcel });
  let handbacks = 0;
  const { resume } = await round({ handback: () => Promise.resolve(void handbacks++) });
  await resume();
  await settled();
  expect(handbacks).toBe(1);
  expect(published).toEqual([]);
});

test("asking what is held does not hand back a second time what is being handed back", async () => {
  const answer = Promise.withResolvers<void>();
  const driver = await round({ handback: () => answer.promise, jobs: () => Promise.resolve([job(2)]) }, 1);
  const offered = driver.offered(offerOf(() => Promise.resolve(job(2))).offer);
  await settled();
  await driver.resume();
  answer.resolve();
  await offered;
  await settled();
  expect(kinds()).toEqual(["take", "held", "handback", "handed-back"]);
  expect(driver.claims).toBe(2);
});

test("going for a job by name asks until the hub has decided", async () => {
  const answers = [() => Promise.reject(refused("UNKNOWN_PARCEL")), () => Promise.resolve(job())];
  const { goFor } = await round({ take: () => (answers.shift() ?? unexpected)() });
  await goFor(planned);
  await settled();
  expect(kinds()).toEqual(["take", "not-held", "take", "held"]);
  expect(published).toHaveLength(3);
});
