import { adminRequests, HubError } from "@waybill/events";
import type { SubscriptionKey } from "@waybill/storage";
import type { Runner } from "../dispatch/runner.ts";
import type { Handlers } from "../edge/handlers.ts";
import type { Desk } from "./desk.ts";
import { summaryOf } from "./summary-of.ts";

const PAGE = 100;
const GAPS_SHOWN = 100;

/** `sub:list`, `sub:info`, `sub:pause`, `sub:policy`. */
export function handleSubscriptionRequests(on: Handlers<null>, desk: Desk): void {
  const { storage, registry } = desk.parts;

  on.request("sub:list", adminRequests["sub:list"].request, async ({ after = null }) => {
    const { rows, more } = await storage.subscriptions(desk.tenant, after, PAGE);
    const last = more ? rows.at(-1)?.key : undefined;
    const keys = new Map(rows.map(({ key }) => [nameOf(key), key]));
    // Those that are read and have nothing left to do: the storage lists only work.
    for (const { key } of registry.runners()) {
      const isOfPage = (after === null || isBefore(after, key)) && (last === undefined || isBefore(key, last));
      if (key.tenant === desk.tenant && isOfPage) keys.set(nameOf(key), key);
    }
    const sorted = [...keys.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const found = await Promise.all(sorted.map((key) => storage.subscription(key)));
    return { outcome: "subscriptions", subscriptions: found.flatMap((row) => (row ? [summaryOf(registry, row)] : [])), more };
  });

  on.request("sub:info", adminRequests["sub:info"].request, async (name) => {
    const row = await desk.row(name);
    const { waitingRetry, delayed, parkedKeys } = registry.view(row);
    const { types, progress, firstKept } = row;
    const summary = summaryOf(registry, row);
    const running = summary.consumers > 0 ? registry.obtain(row.key) : null;
    return {
      outcome: "subscription",
      subscription: {
        ...summary,
        types: types ? [...types] : null,
        generation: progress.generation,
        firstKept,
        resting: waitingRetry,
        delayed,
        parkedKeys,
        gaps: registry.gaps(row).slice(0, GAPS_SHOWN),
        readers: running?.readers() ?? [],
      },
    };
  });

  on.request("sub:pause", adminRequests["sub:pause"].request, async ({ paused, ...name }) => {
    const runner = await desk.runner(name);
    await runner.operate(() => [{ type: "pause", paused }]);
    desk.audit("sub:pause", runner.key, paused ? "paused" : "resumed");
    if (!paused) await checkResumed(runner);
    return { outcome: "done" };
  });

  on.request("sub:policy", adminRequests["sub:policy"].request, async ({ policy, ...name }) => {
    const runner = await desk.runner(name);
    await storage.setPolicy(runner.key, policy);
    await runner.operate(() => [{ type: "policy", policy }]);
    desk.audit("sub:policy", runner.key, policy);
    return { outcome: "done" };
  });
}

/** What waits to be buried found no room among the dead letters. */
async function checkResumed(runner: Runner): Promise<void> {
  const { paused, deadCount } = await runner.ask((engine) => engine.view());
  if (!paused) return;
  throw new HubError(
    "PAUSED",
    `It paused again: it has ${deadCount} dead letters, as many as it may. Redrive or discard some, then resume.`,
  );
}

type Place = Pick<SubscriptionKey, "queue" | "group">;

const nameOf = ({ queue, group }: Place): string => `${queue} ${group}`;

/** The order of the storage's list: by queue, then by group. */
const isBefore = (a: Place, b: Place): boolean => (a.queue === b.queue ? a.group < b.group : a.queue < b.queue);
