import { connect } from "node:net";
import type { Admin, HubError, SubscriptionSummary } from "@waybill/client";
import { limits } from "@waybill/events";
import { NEAR, type SubscriptionLook } from "./subscription-checks.ts";

/** Subscriptions and queues that are looked at, and those of which the first waiting event is looked up. */
const SUBSCRIPTIONS_MAX = 5_000;
const QUEUES_MAX = 20_000;
const PEEKS_MAX = 40;
const JOBS_PAGES_MAX = 20;

/** Subscriptions with something left, how far their queues' history goes back, and since when those wait that nobody seems to read. */
export async function lookAtSubscriptions(admin: Admin): Promise<{ looks: SubscriptionLook[]; isPartial: boolean }> {
  const subscriptions = await firstOf(admin.subscriptions(), SUBSCRIPTIONS_MAX);
  const queues = await firstOf(admin.queues(), QUEUES_MAX);
  const firstKept = new Map(queues.items.map((queue) => [queue.queue, queue.firstKept]));
  const looks = subscriptions.items.map((summary) => ({ ...summary, firstKept: firstKept.get(summary.queue) ?? 1 }));
  const doubtful = looks
    .filter(({ pending, consumers, group }) => pending > 0 && (consumers === 0 || group !== "main"))
    .sort((a, b) => b.pending - a.pending)
    .slice(0, PEEKS_MAX);
  const since = new Map(await Promise.all(doubtful.map(async (look) => [look, await waitsSinceMs(admin, look)] as const)));
  // A parcel that is put aside has an event that waits.
  const crowded = looks.filter(({ pending }) => pending >= limits.parkedKeysMax * NEAR).slice(0, PEEKS_MAX);
  const parked = new Map(await Promise.all(crowded.map(async (look) => [look, (await admin.subscription(look)).parkedKeys] as const)));
  return {
    looks: looks.map((look) => ({ ...look, waitsSinceMs: since.get(look) ?? null, parkedKeys: parked.get(look) ?? 0 })),
    isPartial: subscriptions.isPartial || queues.isPartial,
  };
}

/** When the first event behind the floor was recorded. */
async function waitsSinceMs(admin: Admin, { queue, floor }: SubscriptionSummary): Promise<number | null> {
  const { events } = await admin.ask("queue:peek", { queue, from: floor + 1, limit: 1 });
  return events[0]?.recordedAtMs ?? null;
}

/** Parcels whose job is overdue. */
export async function lookAtJobs(admin: Admin): Promise<string[]> {
  const parcels: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < JOBS_PAGES_MAX; page++) {
    const { jobs, more } = await admin.ask("jobs:list", { state: "overdue", ...(after === undefined ? {} : { after }) });
    parcels.push(...jobs.map(({ parcel }) => parcel));
    after = jobs.at(-1)?.parcel;
    if (!more || after === undefined) break;
  }
  return parcels;
}

async function firstOf<T>(items: AsyncIterable<T>, max: number): Promise<{ items: T[]; isPartial: boolean }> {
  const list: T[] = [];
  for await (const item of items) {
    if (list.length >= max) return { items: list, isPartial: true };
    list.push(item);
  }
  return { items: list, isPartial: false };
}

/** Why no hub could be asked, as far as that can be told from here. */
export type Unreached =
  | { why: "refused"; error: HubError }
  | { why: "nobody" }
  | { why: "another" }
  | { why: "no-way"; code: string }
  | { why: "silent"; message: string };

/** After a connection failed: does anything listen there, and is it a hub? */
export async function whyUnreached(url: string, error: HubError, timeoutMs: number): Promise<Unreached> {
  if (error.code !== "TIMED_OUT") return { why: "refused", error };
  const code = await connectCode(url, timeoutMs);
  if (code === "ECONNREFUSED") return { why: "nobody" };
  if (code !== "") return { why: "no-way", code };
  try {
    const answer = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(timeoutMs) });
    return answer.ok && (await answer.text()).trim() === "ok" ? { why: "silent", message: error.message } : { why: "another" };
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    return isLate ? { why: "silent", message: error.message } : { why: "another" }; // Whatever it says, it is no HTTP.
  }
}

/** `""`: something listens there. Else the system's code of why it could not be reached. */
function connectCode(url: string, timeoutMs: number): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) });
    const done = (code: string) => () => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(timeoutMs, done("ETIMEDOUT"));
    socket.once("connect", done(""));
    socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? "EUNKNOWN")());
  });
}
