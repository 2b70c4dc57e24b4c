import type { Driver, Published } from "@waybill/client";
import { toHubError } from "@waybill/events";
import { untilStopped } from "../until-stopped.ts";
import type { Bag, BagJob } from "./bag.ts";
import { createChance } from "./chance.ts";
import type { DayClock } from "./day-clock.ts";
import { planJob, planReturn, type Step } from "./plan-job.ts";
import type { Said } from "./said.ts";

export type CarryOptions = {
  driver: Pick<Driver, "publish" | "handback">;
  bag: Bag;
  clock: DayClock;
  /** With the claim, decides what happens to a job: the same after a restart. */
  seed: string;
  say(said: Said): void;
};

/** So long a driver looks at the phone before the event counts as waiting in the outbox. */
const CONFIRM_WITHIN_MS = 2_000;
const HANDBACK_RETRY_S = 60;

/**
 * Carries one job of the bag to its end, from the step where it stands. Returns early when the clock stops or the job
 * leaves the bag. A job whose plan changes meanwhile (its store cancelled it) goes on with the new one.
 */
export async function carryJob(parcel: string, options: CarryOptions): Promise<void> {
  const { bag, clock } = options;
  for (let job = bag.jobs.get(parcel); job; job = bag.jobs.get(parcel)) {
    const step = stepsOf(job, options.seed)[job.done];
    if (!step) return bag.remove(parcel);
    if (!(await clock.sleep(step.afterS))) return;
    const current = bag.jobs.get(parcel);
    if (!current || current.plan !== job.plan) continue;
    if (!(await doStep(current, step, options))) return;
  }
}

function stepsOf(job: BagJob, seed: string): Step[] {
  const chance = createChance(`${seed}/${job.parcel}/${job.claim}/${job.plan}`);
  return job.plan === "deliver" ? planJob(chance) : planReturn(chance);
}

/** `false`: the job is not this driver's any more. */
async function doStep(job: BagJob, step: Step, options: CarryOptions): Promise<boolean> {
  if ("handback" in step) return handBack(job, step.handback, options);
  const { bag, driver, say } = options;
  const { parcel, store } = job;
  const { type } = step.tell;
  try {
    const published = await driver.publish({ ...step.tell, parcel, store }, { withinMs: CONFIRM_WITHIN_MS });
    say({ what: "told", parcel, store, type, outcome: published.outcome, offset: offsetOf(published) });
  } catch (error) {
    const refusal = toHubError(error);
    if (refusal.code === "CLOSED") return false; // The day is over; the bag keeps the job.
    say({ what: "refused", parcel, store, type, why: refusal.message });
    bag.remove(parcel);
    return false;
  }
  // It may have been cancelled while the hub was asked; then its new plan starts from its own beginning.
  const now = bag.jobs.get(parcel);
  if (now?.plan === job.plan) bag.put({ ...now, done: now.done + 1 });
  return true;
}

const offsetOf = (published: Published): number | null => ("offset" in published ? published.offset : null);

async function handBack({ parcel }: BagJob, reason: string, { driver, bag, clock, say }: CarryOptions): Promise<boolean> {
  do {
    try {
      const asked = driver.handback(parcel, reason).then(() => true);
      if (!(await untilStopped(clock.signal, asked))) return false;
      say({ what: "handed-back", parcel, reason });
    } catch (error) {
      const refusal = toHubError(error);
      // Without an answer the hub is asked again: it may have missed the question, and a repeat harms nothing.
      if (refusal.retry !== "never") continue;
      say({ what: "lost-job", parcel, why: refusal.message });
    }
    bag.remove(parcel);
    return false;
  } while (await clock.sleep(HANDBACK_RETRY_S));
  return false;
}
