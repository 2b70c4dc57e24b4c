/** What the hub says that it still owes: its metrics, and what it shows to operators. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAdmin } from "@waybill/client";
import { HubError, namespaces } from "@waybill/events";
import { io } from "socket.io-client";
import { z } from "zod";
import type { HubAccount, StuckEvent } from "../checker/owed.ts";

type Operator = { url: string; token: string };

const ANSWER_MS = 60_000;
const welcomeSchema = z.object({ hubTime: z.number() });

/** Ms of hub time, now. */
export async function askHubTime({ url, token }: Operator): Promise<number> {
  const socket = io(new URL(namespaces.admin, url).href, { auth: { token }, forceNew: true, reconnectionDelay: 100 });
  try {
    const welcome = await new Promise<unknown>((resolve, reject) => {
      const late = () => reject(new Error(`The hub at ${url} welcomed nobody within ${ANSWER_MS} ms, though all is healed.`));
      const timer = setTimeout(late, ANSWER_MS);
      socket.once("welcome", (said: unknown) => {
        clearTimeout(timer);
        resolve(said);
      });
    });
    return welcomeSchema.parse(welcome).hubTime;
  } finally {
    socket.disconnect();
  }
}

/** Of a pool, which is no store's: its name as it is. */
const storeOf = (queue: string): string => (queue.startsWith("store/") ? queue.slice("store/".length) : queue);

/** Of each store's queue, its last offset; 0: nothing was ever stored. */
export async function readHeads(operator: Operator, stores: readonly string[]): Promise<ReadonlyMap<string, number>> {
  await using admin = await createAdmin({ ...operator, answerMs: ANSWER_MS });
  const heads = new Map<string, number>();
  for (const store of stores) {
    const found = await admin.subscription({ queue: `store/${store}` }).catch((error: unknown) => {
      if (error instanceof HubError && error.code.startsWith("UNKNOWN_")) return { head: 0 };
      throw error;
    });
    heads.set(store, found.head);
  }
  return heads;
}

type ReadMetrics = () => Promise<ReadonlyMap<string, number> | null>;
type Account = Omit<HubAccount, "calmFromMs">;

const AGAIN_MS = 1_000;

/**
 * What the hub says when nothing moves any more; `null`: it does not answer. One measurement of its gauges answers all who ask for
 * some seconds, where it took long: so it is asked until its metrics agree with its list, and if they have not by then, they are
 * two opinions.
 */
export async function readAtRest(operator: Operator, { readMetrics, forMs }: { readMetrics: ReadMetrics; forMs: number }) {
  for (const untilMs = performance.now() + forMs; ; await sleep(AGAIN_MS)) {
    const metrics = await readMetrics();
    const account = metrics && (await readHubAccount(operator, metrics));
    if ((account && isAgreed(account)) || performance.now() >= untilMs) return account;
  }
}

const isAgreed = ({ pending, stuck, pendingOf, stuckEvents }: Account): boolean =>
  stuck === stuckEvents.length && pending === [...pendingOf.values()].reduce((sum, count) => sum + count, 0);

/** What the hub owes one group, as it shows it to operators. */
export async function readOwed(operator: Operator, of: { queue: string; group: string }): Promise<{ pending: number; stuck: number }> {
  await using admin = await createAdmin({ ...operator, answerMs: ANSWER_MS });
  const { pending, stuck } = await admin.subscription(of);
  return { pending, stuck };
}

/** By its metrics, and as it shows it to operators. */
export async function readHubAccount(operator: Operator, metrics: ReadonlyMap<string, number>): Promise<Account> {
  await using admin = await createAdmin({ ...operator, answerMs: ANSWER_MS });
  const pendingOf = new Map<string, number>();
  const stuckEvents: StuckEvent[] = [];
  for await (const { queue, group, pending, stuck } of admin.subscriptions()) {
    if (group !== "main") continue;
    pendingOf.set(storeOf(queue), pending);
    if (stuck === 0) continue;
    for await (const { parcel, offset, failed, interrupted, notes } of admin.stuckKeys({ queue })) {
      const attemptsMs = notes.map(({ atMs }) => atMs);
      stuckEvents.push({ store: storeOf(queue), parcel, offset, failed, interrupted, attemptsMs });
    }
  }
  const of = (name: string) => metrics.get(`waybill_${name}`) ?? 0;
  return { pending: of("pending"), stuck: of("stuck"), dead: of("dead"), pendingOf, stuckEvents };
}
