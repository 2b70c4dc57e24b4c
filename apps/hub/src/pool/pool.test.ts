import { HubError, type JobReply } from "@waybill/events";
import { openMemoryStorage } from "@waybill/storage";
import { beforeEach, expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import type { Identity } from "../auth/tokens.ts";
import { type Committer, createCommitter } from "../commit/committer.ts";
import type { Proof } from "../hub-parts.ts";
import { createKnownNames } from "../known-names.ts";
import { type Admission, createAdmission } from "../publish/admission.ts";
import { makeCandidate } from "../publish/candidate.ts";
import { PlainPublisher } from "../publish/plain-publisher.ts";
import { createClaimTable } from "./claim-table.ts";
import { createJobs, type Jobs } from "./jobs.ts";

const vendor: Identity = { role: "vendor", tenant: "default", subject: "acme", stores: ["acme"], expMs: Number.MAX_SAFE_INTEGER };
const dana: Identity = { role: "driver", tenant: "default", subject: "dana", driver: "dana", stores: [], expMs: Number.MAX_SAFE_INTEGER };
const limits = { eventsMax: 100, bytesMax: 1_000_000 };

let committer: Committer;
let admission: Admission;
let jobs: Jobs;
let storage: Awaited<ReturnType<typeof openMemoryStorage>>;
/** Places in the pool that the hub would tell the zone's engine to settle. */
let left: { zone: string; poolOffset: number }[];

beforeEach(async () => {
  storage = await openMemoryStorage();
  left = [];
  const clock = { nowMs: () => 1_000 };
  const claims = createClaimTable(storage);
  const names = createKnownNames(storage, { open: true });
  committer = createCommitter({
    storage,
    clock,
    onStored: (item, outcome) => {
      const place = claims.settled(item, outcome);
      if (place) left.push(place);
    },
    onFailed: claims.failed,
  });
  admission = createAdmission({ names, claims, clock });
  jobs = createJobs({ storage, committer, claims, names, clock });
});

async function publish(identity: Identity, type: string, parcel: string, data = {}, id = `${type}-${parcel}-${Math.random()}`) {
  const event = { id, type, parcel, store: "acme", at: "2026-11-21T10:00:00Z", data };
  const candidate = makeCandidate(event, { tenant: "default", from: { kind: "plain", subject: identity.subject } });
  await admission.prepare(identity, [candidate]);
  admission.admit(identity, candidate);
  const [outcome] = await committer.append([candidate]);
  if (candidate.refusal && outcome?.outcome !== "duplicate") throw candidate.refusal.error;
  return outcome;
}
const ready = (parcel: string) => publish(vendor, "ready", parcel, { zone: "sp" });
const typesOf = async (queue: string) => (await storage.read("default", queue, 1, limits)).events.map((event) => event.type);
const code = (work: Promise<JobReply>) =>
  work.then(() => "none").catch((error: unknown) => (error instanceof HubError ? error.code : String(error)));

test("a ready goes home and to its zone's pool; a repeated one does not put a second job there", async () => {
  await ready("p1");
  await ready("p1");
  expect(await typesOf("store/acme")).toEqual(["ready", "ready"]);
  expect(await typesOf("zone/sp")).toEqual(["ready"]);
});

test("of twenty drivers who take one job at the same time, one gets it", async () => {
  await ready("p1");
  const drivers = Array.from({ length: 20 }, (_, index) => `driver-${index}`);
  const answers = await Promise.all(drivers.map((driver) => code(jobs.take("default", driver, "p1"))));
  expect(answers.filter((answer) => answer === "none")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "CLAIM_LOST")).toHaveLength(19);
  expect(await typesOf("store/acme")).toEqual(["ready", "claimed"]);
  expect(left).toEqual([{ zone: "sp", poolOffset: 1 }]);
});

test("taking again what one holds is answered as before, and appends nothing", async () => {
  await ready("p1");
  const first = await jobs.take("default", "dana", "p1");
  expect(await jobs.take("default", "dana", "p1")).toEqual(first);
  expect(await typesOf("store/acme")).toEqual(["ready", "claimed"]);
});

test("a repeated take is not answered before the commit of the first", async () => {
  await ready("p1");
  const order: string[] = [];
  const first = jobs.take("default", "dana", "p1").then(() => order.push("first"));
  const second = jobs.take("default", "dana", "p1").then(() => order.push("second"));
  const commit = storage.commit;
  storage.commit = async (batch) => {
    const outcomes = await commit(batch);
    if (batch.items.length > 0) order.push("committed");
    return outcomes;
  };
  await Promise.all([first, second]);
  expect(order[0]).toBe("committed");
});

test("a pickup that was stored before another driver had the job is a duplicate when it comes again, not refused", async () => {
  expect(await publish(dana, "pickup", "p1", {}, "scan-1")).toMatchObject({ outcome: "stored", offset: 1 });
  await ready("p1");
  await jobs.take("default", "eli", "p1");
  expect(await publish(dana, "pickup", "p1", {}, "scan-1")).toEqual({ outcome: "duplicate", offset: 1 });
  await expect(publish(dana, "pickup", "p1", {}, "scan-2")).rejects.toMatchObject({ code: "CLAIM_LOST" });
  expect(await typesOf("store/acme")).toEqual(["pickup", "ready", "claimed"]);
  expect(await jobs.held("default", "eli")).toMatchObject({ jobs: [{ parcel: "p1" }] });
});

test("a job that is handed back is in the pool again, as its own ready", async () => {
  await ready("p1");
  await jobs.take("default", "dana", "p1");
  await jobs.handback("default", "dana", "p1", "flat tyre");
  const { events } = await storage.read("default", "zone/sp", 1, limits);
  expect(events.map(({ type, offset, homeOffset }) => [type, offset, homeOffset])).toEqual([
    ["ready", 1, 1],
    ["ready", 2, 1],
  ]);
  expect(await typesOf("store/acme")).toEqual(["ready", "claimed", "released"]);
  expect(await code(jobs.take("default", "eli", "p1"))).toBe("none");
  expect(left.at(-1)).toEqual({ zone: "sp", poolOffset: 2 });
});

test("only the holder hands back, and not after the pickup", async () => {
  await ready("p1");
  await jobs.take("default", "dana", "p1");
  expect(await code(jobs.handback("default", "eli", "p1"))).toBe("CLAIM_LOST");
  await publish(dana, "pickup", "p1");
  expect(await code(jobs.handback("default", "dana", "p1"))).toBe("CLAIM_LOST");
});

test("the pickup of a job that another driver holds is refused", async () => {
  await ready("p1");
  await jobs.take("default", "eli", "p1");
  await expect(publish(dana, "pickup", "p1")).rejects.toMatchObject({ code: "CLAIM_LOST" });
});

test("a cancelled job leaves the pool, and its holder is told", async () => {
  await ready("p1");
  await ready("p2");
  await jobs.take("default", "dana", "p2");
  await publish(vendor, "cancelled", "p1");
  await publish(vendor, "cancelled", "p2");
  expect(left).toContainEqual({ zone: "sp", poolOffset: 1 });
  expect(await code(jobs.take("default", "dana", "p1"))).toBe("CLAIM_LOST");
  expect(await typesOf("driver/dana")).toEqual(["cancelled"]);
});

test("the held jobs of a driver are those taken and not yet picked up", async () => {
  for (const parcel of ["p1", "p2", "p3"]) await ready(parcel);
  await jobs.take("default", "dana", "p1");
  await jobs.take("default", "dana", "p2");
  await jobs.take("default", "eli", "p3");
  await publish(dana, "pickup", "p1");
  expect(await jobs.held("default", "dana")).toMatchObject({ jobs: [{ parcel: "p2", store: "acme", zone: "sp" }] });
});

test("nobody takes what no store asked for", async () => {
  expect(await code(jobs.take("default", "dana", "ghost"))).toBe("UNKNOWN_PARCEL");
});

/** Eli's take is with the disk when the other's event is decided; it ends then, as `how` says. */
async function publishDuringATake(how: "succeeds" | "fails", identity: Identity, ...event: Parameters<PlainPublisher["publish"]>) {
  await ready("p1");
  await committer.idle();
  const commit = storage.commit;
  const sent = Promise.withResolvers<void>();
  const decided = Promise.withResolvers<void>();
  storage.commit = async (batch) => {
    if (batch.items.length === 0) return commit(batch);
    const first = decided.promise.then(() => {
      if (how === "fails") throw new HubError("STORAGE_FAILED", "the disk did not sync");
      return commit(batch);
    });
    storage.commit = async (later) => {
      decided.resolve();
      await first.catch(() => {}); // In the order of the calls.
      return commit(later);
    };
    sent.resolve();
    return first;
  };
  const proof = { published: () => {}, refused: () => {}, duplicates: () => {}, fault: () => {} };
  const publisher = new PlainPublisher({
    identity,
    admission,
    committer,
    clock: { nowMs: () => 1_000 },
    proof: proof as unknown as Proof,
  });
  const taken = code(jobs.take("default", "eli", "p1"));
  await sent.promise;
  const [type, body] = event;
  const published = publisher.publish(type, body);
  expect(await taken).toBe(how === "fails" ? "STORAGE_FAILED" : "none");
  return published;
}

test("a refusal that rests on a claim whose commit fails is no refusal: the event is decided again, and stored", async () => {
  expect(await publishDuringATake("fails", dana, "pickup", { parcel: "p1", store: "acme" })).toMatchObject({ outcome: "stored" });
  expect(await typesOf("store/acme")).toEqual(["ready", "pickup"]);
});

const word = { parcel: "p1", store: "acme", data: { text: "ring twice" } };

test("a store's word goes to nobody by a claim whose commit fails", async () => {
  expect(await publishDuringATake("fails", vendor, "message", word)).toMatchObject({ outcome: "stored" });
  expect(await typesOf("store/acme")).toEqual(["ready", "message"]);
  expect(await typesOf("driver/eli")).toEqual([]);
  expect(await code(jobs.take("default", "dana", "p1"))).toBe("none");
});

test("a store's word goes to the driver whose take is under way, when that succeeds", async () => {
  expect(await publishDuringATake("succeeds", vendor, "message", word)).toMatchObject({ outcome: "stored" });
  expect(await typesOf("driver/eli")).toEqual(["message"]);
  expect(await code(jobs.take("default", "dana", "p1"))).toBe("CLAIM_LOST");
});

test("a claim that another node moved is read again and decided anew", async () => {
  await ready("p1");
  // Behind this hub's back, as another node would.
  const [claim] = await storage.claims("default", ["p1"]);
  if (claim?.claim.state !== "free") throw new Error("free by now");
  const taken = { ...claim.claim, state: "taken" as const, driver: "eli", epoch: claim.claim.epoch + 1 };
  const item = itemByHub("x", { type: "claimed", parcel: "p1", claim: { expectEpoch: claim.claim.epoch, next: taken } });
  await storage.commit({ nowMs: 1, items: [item], progress: [] });
  expect(await code(jobs.take("default", "dana", "p1"))).toBe("CLAIM_LOST");
});
