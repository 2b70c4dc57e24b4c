import { adminRequests, type GroupCreated, type GroupReset, HubError, limits, MAIN_GROUP, queueParts, type Start } from "@waybill/events";
import type { ResetPlan } from "@waybill/queue";
import type { SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import { resetPlanOf } from "../dispatch/reset-plan.ts";
import type { Handlers } from "../edge/handlers.ts";
import type { Desk } from "./desk.ts";
import { turnOf } from "./in-turn.ts";
import { startOffset } from "./start-offset.ts";

/** `sub:create`, `sub:delete`, `sub:reset`. */
export function handleGroupRequests(on: Handlers<null>, desk: Desk): void {
  const { storage, registry, inTurn } = desk.parts;

  on.request("sub:create", adminRequests["sub:create"].request, async ({ from, dryRun = false, ...wanted }) => {
    await desk.checkName(wanted.queue);
    refusePool(wanted.queue, "a zone's pool has one group, main: each job goes to one driver");
    const key = desk.keyOf(wanted);
    return inTurn(turnOf(key), async (): Promise<GroupCreated> => {
      await refuseExisting(key);
      const { queue, group } = key;
      const { head, firstKept } = await storage.read(key.tenant, queue, 1, { eventsMax: 0, bytesMax: 0 });
      const first = await startOffset(storage, key, { start: from, head, firstKept });
      const { types = null, policy = "block", order = "key" } = wanted;
      if (!dryRun) {
        await storage.createSubscription(key, { start: { offset: first }, types, policy, order });
        desk.audit("sub:create", key, `from ${first}, order ${order}, policy ${policy}, ${types ? types.join(" ") : "all types"}`);
      }
      const firstThere = Math.max(first, firstKept);
      const events = Math.max(0, head - firstThere + 1);
      return {
        outcome: "created",
        queue,
        group,
        order,
        dryRun,
        first,
        head,
        events,
        ...gapOf(firstThere > first ? { from: first, to: firstThere - 1 } : null),
      };
    });
  });

  on.request("sub:delete", adminRequests["sub:delete"].request, async ({ evenIfRead = false, reason = "", ...name }) => {
    if (name.group === MAIN_GROUP) throw new HubError("FORBIDDEN", `Group ${MAIN_GROUP} belongs to its queue and cannot be deleted.`);
    const { key } = await desk.row(name);
    return inTurn(turnOf(key), async () => {
      const { consumers, pending, deadCount } = registry.view(await desk.row(name));
      if (consumers > 0 && !evenIfRead)
        throw new HubError(
          "GROUP_READ",
          `${key.queue} ${key.group} has ${consumers} consumers. Stop them, or say that they are to be sent away.`,
        );
      await registry.renew(key);
      await storage.deleteSubscription(key);
      // Who came in between reads a group that is not there any more.
      await registry.renew(key);
      desk.audit("sub:delete", key, `${pending} pending, ${deadCount} dead letters${reason && `: ${reason}`}`);
      return { outcome: "deleted", pending, dead: deadCount, consumers };
    });
  });

  on.request("sub:reset", adminRequests["sub:reset"].request, async ({ to, dryRun = false, skip = false, reason, ...name }) => {
    refusePool(name.queue, "a zone's pool follows the claims of its jobs and cannot be reset");
    if (skip && reason === undefined)
      throw new HubError("INVALID_MESSAGE", "To skip events needs a `reason`; it is written to the audit log.");
    const runner = await desk.runner(name);
    return inTurn(turnOf(runner.key), async () => {
      // All that is known by now is stored: what is planned is what would be done.
      await runner.operate(() => []);
      const preview = await planFor(await desk.row(name), to);
      if (!dryRun && !skip) refuseSkipping(preview);
      if (dryRun) return answerOf(preview, dryRun);
      let done = preview;
      await runner.reset(async (row) => {
        done = await planFor(row, to);
        if (!skip) refuseSkipping(done);
        return done.plan.write;
      });
      desk.audit("sub:reset", runner.key, wordsOf(done, reason));
      return answerOf(done, dryRun);
    });
  });

  const refuseExisting = async (key: SubscriptionKey) => {
    if (await storage.subscription(key)) throw new HubError("GROUP_EXISTS", `${key.queue} has a group "${key.group}" already.`);
    if ((await storage.groups(key.tenant, key.queue)).length >= limits.groupsPerQueueMax)
      throw new HubError("TOO_MANY_GROUPS", `${key.queue} has ${limits.groupsPerQueueMax} groups, as many as it may.`);
  };

  const planFor = async (row: SubscriptionRow, to: Start): Promise<Planned> => {
    const plan = await resetPlanOf(storage, row, await startOffset(storage, row.key, { ...row, start: to }));
    return { plan, row, floor: registry.view(row).floor };
  };
}

type Planned = { plan: ResetPlan; row: SubscriptionRow; floor: number };

function refusePool(queue: string, why: string): void {
  if (queueParts(queue).kind === "zone") throw new HubError("FORBIDDEN", `${queue}: ${why}.`);
}

function refuseSkipping({ plan: { skipped, write }, row: { key } }: Planned): void {
  if (skipped === 0) return;
  throw new HubError(
    "RESET_SKIPS",
    `${skipped} events of ${key.queue} ${key.group} before offset ${write.cursor + 1} are not settled and would never come. Nothing was changed.`,
  );
}

function answerOf({ plan, row: { key, progress, head }, floor }: Planned, dryRun: boolean): GroupReset {
  const { write, gap, ...counts } = plan;
  const before = { generation: progress.generation, floor };
  const after = { generation: write.generation, floor: write.cursor };
  return { outcome: "reset", queue: key.queue, group: key.group, dryRun, before, after, head, ...counts, ...gapOf(gap) };
}

const gapOf = (gap: ResetPlan["gap"]) => (gap ? { gap } : {});

function wordsOf({ plan: { write, again, skipped, letters }, floor }: Planned, reason: string | undefined): string {
  const counts = `${again} come again, ${skipped} skipped, ${letters} dead letters gone`;
  return `from ${floor} to ${write.cursor}, generation ${write.generation}; ${counts}${reason === undefined ? "" : `: ${reason}`}`;
}
