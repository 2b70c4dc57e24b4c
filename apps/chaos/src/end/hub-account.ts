/** What the hub says that it still owes: its metrics, and what it shows to operators. */
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

const storeOf = (queue: string): string => queue.slice("store/".length);

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

/** By its metrics, and as it shows it to operators. */
export async function readHubAccount(operator: Operator, metrics: ReadonlyMap<string, number>): Promise<Omit<HubAccount, "calmFromMs">> {
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
