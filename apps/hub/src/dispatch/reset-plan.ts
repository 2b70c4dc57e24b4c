import { comesFrom, planReset, type ResetPlan, resetTarget } from "@waybill/queue";
import type { Storage, SubscriptionRow } from "@waybill/storage";

/** What it would mean to set this group to `first`, the first offset that comes next. Right as long as the row is. */
export async function resetPlanOf(storage: Storage, row: SubscriptionRow, first: number): Promise<ResetPlan> {
  const { key, head, firstKept } = row;
  const target = resetTarget(first, head);
  const [before, after] = await Promise.all([
    storage.countKept(key, { from: firstKept, to: target - 1 }),
    storage.countKept(key, { from: comesFrom(target, row), to: head }),
  ]);
  return planReset(row, target, { parkedBefore: before.parked, parkedAfter: after.parked, letters: after.letters });
}
