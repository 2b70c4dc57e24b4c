import type { Driver, Job, JobOffer } from "@waybill/client";
import { toHubError } from "@waybill/events";
import { endOf } from "../connect.ts";
import { aborted, untilStopped } from "../until-stopped.ts";
import type { Bag } from "./bag.ts";
import { carryJob } from "./carry-job.ts";
import { createChance } from "./chance.ts";
import type { DayClock } from "./day-clock.ts";
import { sendPositions } from "./positions.ts";
import type { Said } from "./said.ts";

export type SimulateOptions = {
  driver: Driver;
  /** Whose pools this driver looks at. */
  zones: readonly string[];
  bag: Bag;
  clock: DayClock;
  /** Of the day and this driver: decides all that chance decides. */
  seed: string;
  /** Jobs in hand at most. */
  carryMax: number;
  say(said: Said): void;
};

const CHECK_PENDING_S = 60;
const THINKS_S = { from: 2, to: 20 };
const DECLINES = 0.1;

/**
 * One driver's day, until the clock stops: takes jobs from the pools of the zones, carries each to its end, goes back with
 * what is cancelled, and after a start or a lost network asks the hub which jobs are his. Rejects when the hub refuses him.
 */
export async function simulateDriver(options: SimulateOptions): Promise<void> {
  const { driver, bag, clock, say } = options;
  const chance = createChance(`${options.seed}/offers`);
  const carried = new Map<string, Promise<void>>();
  let room = Promise.withResolvers<void>();

  const carry = (parcel: string): void => {
    if (carried.has(parcel)) return;
    const ended = carryJob(parcel, options).finally(() => {
      carried.delete(parcel);
      room.resolve();
      room = Promise.withResolvers();
    });
    carried.set(parcel, ended);
  };
  const accept = (job: Job): void => {
    if (bag.jobs.has(job.parcel)) return;
    bag.put({ ...job, done: 0, plan: "deliver" });
    say({ what: "took", parcel: job.parcel, store: job.store, zone: job.zone });
    carry(job.parcel);
  };

  const consider = async (offer: JobOffer): Promise<void> => {
    const gone = AbortSignal.any([offer.signal, clock.signal]);
    while (carried.size >= options.carryMax && !gone.aborted) await Promise.race([room.promise, aborted(gone)]);
    await clock.sleep(chance.between(THINKS_S.from, THINKS_S.to));
    if (gone.aborted) return;
    if (chance.next() < DECLINES) return offer.decline();
    try {
      // Not given up when the day ends: a take that the hub has committed must get into the bag.
      accept(await offer.take());
    } catch (error) {
      if (gone.aborted) return;
      say({ what: "lost-job", parcel: offer.event.parcel, why: toHubError(error).message });
    }
  };

  /** Taking again what one holds is answered as before, also after the pickup. */
  const isStillMine = async (parcel: string): Promise<boolean> => {
    try {
      return (await untilStopped(clock.signal, driver.take(parcel))) !== undefined || clock.signal.aborted;
    } catch (error) {
      if (toHubError(error).code === "CLAIM_LOST") return false;
      throw error;
    }
  };

  /** The hub's word decides: an answer to a take may have been lost with the network, and so may the news of a cancel. */
  const agreeWithHub = async (): Promise<void> => {
    // What is still in the outbox the hub cannot know: a job may be done and look taken.
    while (driver.outbox.pending > 0) if (!(await clock.sleep(CHECK_PENDING_S))) return;
    const before = new Set(bag.jobs.keys());
    const held = await untilStopped(clock.signal, driver.jobs());
    if (held === undefined) return;
    for (const job of held) if (!before.has(job.parcel)) accept(job);
    const mine = new Set(held.map((job) => job.parcel));
    for (const job of bag.jobs.values()) {
      if (job.done > 0 || !before.has(job.parcel) || mine.has(job.parcel)) continue;
      // Not in the list may also mean that its pickup was stored while the list was on its way: the claim knows.
      if (await isStillMine(job.parcel)) continue;
      bag.remove(job.parcel);
      say({ what: "lost-job", parcel: job.parcel, why: "it was cancelled or given to another" });
    }
  };

  driver.on("cancelled", ({ parcel, store, data }) => {
    say({ what: "cancelled", parcel, store, reason: data.reason ?? null });
    const job = bag.jobs.get(parcel);
    if (job && job.done === 0) bag.remove(parcel);
    else if (job?.plan === "deliver") bag.put({ ...job, plan: "return", done: 0 });
  });
  driver.on("message", ({ parcel, store, data }) => say({ what: "message", parcel, store, text: data.text }));
  driver.onOther(() => undefined);

  let agreeing = Promise.resolve();
  const ended = endOf(driver);
  const stopListening = driver.listen("status", (status) => {
    if (status !== "connected") return;
    say({ what: "online", pending: driver.outbox.pending });
    // An error here is a lost network once more; the next connection asks again.
    agreeing = agreeing.then(agreeWithHub).catch(() => undefined);
  });
  const begin = async (): Promise<void> => {
    await driver.ready();
    await driver.start();
    for (const zone of options.zones) await driver.offers(zone, consider);
  };
  for (const parcel of bag.jobs.keys()) carry(parcel);
  try {
    await untilStopped(clock.signal, begin());
    const wandering = sendPositions({ driver, carrying: () => carried.keys().next().value, clock, seed: options.seed });
    await Promise.race([wandering, ended]);
  } finally {
    stopListening();
  }
  await agreeing;
  await Promise.all(carried.values());
}
