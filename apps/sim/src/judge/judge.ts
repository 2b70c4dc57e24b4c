/**
 * The judge: what was published and confirmed, what the disk keeps, what stores applied, and what the hub says that it owes, against
 * each other. Linear in all of it. Imports nothing of the hub: what the disk keeps comes in as a list.
 */
import type { Effect, History, Publication } from "./history.ts";

/** One event of a queue, as the disk has it, in the order of the commits. */
export type KeptEvent = {
  queue: string;
  offset: number;
  id: string;
  type: string;
  parcel: string;
  print: string;
  isHome: boolean;
  driver: string | null;
};
/** What the hub says of a subscription when all is over. */
export type Account = {
  queue: string;
  group: string;
  head: number;
  floor: number;
  pending: number;
  stuck: number;
  dead: readonly number[];
};

const madeByHub = new Set(["claimed", "released"]);

export function judge(history: History, kept: readonly KeptEvent[], accounts: readonly Account[]): void {
  const homes = kept.filter((event) => event.isHome && event.queue.startsWith("store/"));
  judgeKept(history, homes);
  judgePublications(history, homes);
  judgeClaims(history, homes);
  judgeEffects(history, kept);
  for (const account of accounts) judgeAccount(history, account, kept);
}

/** [I2] [I6] [I11] What the disk keeps was published, is there once, and was not refused; [I4] in its publisher's order. */
function judgeKept(history: History, homes: readonly KeptEvent[]): void {
  const seen = new Map<string, KeptEvent>();
  const lastNumber = new Map<string, number>();
  const nextOffset = new Map<string, number>();
  for (const event of homes) {
    const expected = nextOffset.get(event.queue) ?? 1;
    if (event.offset !== expected) history.find("I6", `${event.queue} has ${event.offset} where ${expected} was to come.`);
    nextOffset.set(event.queue, event.offset + 1);
    const before = seen.get(event.id);
    if (before) history.find("I6", `${event.id} is stored at ${before.queue} ${before.offset} and at ${event.queue} ${event.offset}.`);
    seen.set(event.id, event);
    if (madeByHub.has(event.type)) continue;
    const published = history.publications.get(event.id);
    if (!published) {
      history.find("I2", `${event.queue} ${event.offset} holds ${event.id}; nobody published it.`);
      continue;
    }
    if (published.print !== event.print || event.queue !== `store/${published.store}`)
      history.find("I2", `${event.queue} ${event.offset} holds ${event.id} with other contents than it was published with.`);
    if (published.refusedWith) history.find("I11", `${event.id} was refused (${published.refusedWith}) and is stored all the same.`);
    const lane = `${published.by} ${published.parcel}`;
    const last = lastNumber.get(lane) ?? 0;
    if (published.n <= last && !before) history.find("I4", `${event.id}: number ${published.n} of ${lane} is stored after ${last}.`);
    lastNumber.set(lane, Math.max(last, published.n));
  }
}

/** [I1] What was confirmed is there; [I10] what was in a durable outbox was confirmed or refused; [I6] where it was told to be. */
function judgePublications(history: History, homes: readonly KeptEvent[]): void {
  const offsets = new Map(homes.map(({ id, offset }) => [id, offset]));
  for (const event of history.publications.values()) {
    const at = offsets.get(event.id);
    if (event.isConfirmed && at === undefined) history.find("I1", `${event.id} was confirmed and is gone.`);
    if (event.isKept && at === undefined && event.refusedWith === null)
      history.find("I10", `${event.id} was in its outbox and left it without an answer.`);
    if (event.offset > 0 && at !== undefined && at !== event.offset)
      history.find("I6", `${event.id} was confirmed at ${event.offset} and is stored at ${at}.`);
  }
}

type Job = { state: "free" | "cancelled" } | { state: "taken" | "picked-up"; driver: string };

/** [I12] A job is held by one driver at a time, and who was told that it is his has it in the queue. */
function judgeClaims(history: History, homes: readonly KeptEvent[]): void {
  const jobs = new Map<string, Job>();
  const holders = new Set<string>();
  for (const event of homes) {
    const job = jobs.get(event.parcel);
    const next = step(history, event, job);
    if (next === undefined) continue;
    jobs.set(event.parcel, next);
    if ("driver" in next) holders.add(`${event.parcel} ${next.driver}`);
  }
  const answers = new Map<string, string>();
  for (const { parcel, driver, claim } of history.taken) {
    if (!holders.has(`${parcel} ${driver}`))
      history.find("I12", `${driver} was told that ${parcel} is his (claim ${claim}), and no event says so.`);
    const other = answers.get(`${parcel} ${claim}`);
    if (other !== undefined && other !== driver) history.find("I12", `Claim ${claim} of ${parcel} was given to ${other} and to ${driver}.`);
    answers.set(`${parcel} ${claim}`, driver);
  }
}

/** What an event of a home queue makes of its parcel's job. */
function step(history: History, { type, parcel, id, driver }: KeptEvent, job: Job | undefined): Job | undefined {
  const wrong = (what: string): void => {
    const stands = job === undefined ? "nobody asked for" : "driver" in job ? `${job.driver} has ${job.state}` : `is ${job.state}`;
    history.find("I12", `${id}: ${driver} ${what} ${parcel}, which ${stands}.`);
  };
  switch (type) {
    case "ready":
      return job === undefined || job.state === "cancelled" ? { state: "free" } : job;
    case "claimed":
      if (job?.state !== "free") wrong("took");
      return { state: "taken", driver: driver ?? "" };
    case "released":
      if (job?.state !== "taken" || job.driver !== driver) wrong("handed back");
      return { state: "free" };
    case "cancelled":
      return job === undefined ? job : { state: "cancelled" };
    case "pickup":
      // A late scan of a cancelled job is kept, and changes nothing; so is one of a parcel that nobody asked for.
      if (job === undefined || job.state === "cancelled") return job;
      if ("driver" in job && job.driver !== driver) wrong("picked up");
      return { state: "picked-up", driver: driver ?? "" };
    default:
      return job;
  }
}

/** [I2] [I3] [I4] [I9]: each row of the stores' tables, in the order of their commits. */
function judgeEffects(history: History, kept: readonly KeptEvent[]): void {
  const byPlace = new Map(kept.map((event) => [`${event.queue} ${event.offset}`, event]));
  const seen = new Map<string, Effect>();
  const last = new Map<string, Effect>();
  for (const effect of history.effects) {
    const of = `${effect.queue} ${effect.group}`;
    const stored = byPlace.get(`${effect.queue} ${effect.offset}`);
    if (!stored || stored.id !== effect.id || stored.print !== effect.print)
      history.find("I2", `${effect.id} was applied by ${of} from offset ${effect.offset}, where the disk has ${stored?.id ?? "nothing"}.`);
    const before = seen.get(`${of} ${effect.id}`);
    if (before) history.find("I3", `${effect.id} was applied by ${of} from ${before.offset} and from ${effect.offset}.`);
    seen.set(`${of} ${effect.id}`, effect);
    if (effect.redrive > 0) continue;
    const latest = last.get(`${of} ${effect.parcel}`);
    if (latest && latest.offset > effect.offset)
      history.find(
        "I4",
        `${of} applied ${effect.id} (offset ${effect.offset}) after ${latest.id} (offset ${latest.offset}) of the same parcel.`,
      );
    else last.set(`${of} ${effect.parcel}`, effect);
  }
}

/** [I1] [I7]: what is stored is applied, or a dead letter that is to be seen, or was deleted by somebody; and the hub's numbers say so. */
function judgeAccount(history: History, account: Account, kept: readonly KeptEvent[]): void {
  const { queue, group, head, floor, pending, stuck } = account;
  const of = `${queue} ${group}`;
  if (queue.startsWith("zone/")) {
    if (pending > 0) history.find("I8", `${of} still owes ${pending} of ${head}.`);
    return;
  }
  const stored = kept.filter((event) => event.queue === queue);
  const applied = new Set(history.effects.flatMap((effect) => (effect.queue === queue && effect.group === group ? [effect.offset] : [])));
  const dead = new Set(account.dead);
  const isGone = (offset: number) => history.gaps.some((gap) => gap.of === of && gap.from <= offset && offset <= gap.to);
  const missing = stored.filter(
    ({ offset }) => !applied.has(offset) && !dead.has(offset) && !history.discarded.has(`${of} ${offset}`) && !isGone(offset),
  );
  if (head !== stored.length) history.find("I7", `The hub says that ${queue} has ${head} events; the disk has ${stored.length}.`);
  if (pending > 0 || stuck > 0) history.find("I8", `${of} still owes ${pending}, ${stuck} parcels are stuck.`);
  if (floor + pending < head) history.find("I7", `${of}: floor ${floor} and ${pending} pending do not make ${head}.`);
  const lost = missing.slice(0, 3).map(({ id, offset }) => `${id} (${offset})`);
  if (missing.length > pending)
    history.find("I1", `${of} settled ${missing.length - pending} events that were never applied: ${lost.join(", ")}.`);
}

export const isOpen = (event: Publication): boolean => !event.isConfirmed && event.refusedWith === null;
