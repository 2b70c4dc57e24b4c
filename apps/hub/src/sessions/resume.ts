import { type DatabasePosition, HubError, type SubscribeReply } from "@waybill/events";
import { compareDatabase } from "@waybill/queue";
import type { Storage } from "@waybill/storage";
import { resetPlanOf } from "../dispatch/reset-plan.ts";
import type { Runner } from "../dispatch/runner.ts";
import type { Proof } from "../hub-parts.ts";

type Resumed = NonNullable<Extract<SubscribeReply, { outcome: "subscribed" }>["resumed"]>;

/** Makes the group agree with its consumer's database: set back where that is an older copy. Throws GROUP_DIFFERS. */
export async function resume(
  parts: { storage: Storage; proof: Proof; by: string },
  runner: Runner,
  position: DatabasePosition,
): Promise<Resumed> {
  const { storage, proof, by } = parts;
  const { key } = runner;
  const compare = async () => {
    const row = await runner.row();
    if (row.order !== "queue")
      throw new HubError(
        "GROUP_DIFFERS",
        `${key.queue} ${key.group} keeps each parcel's order, and a position in the queue says nothing of that; use a group with order "queue".`,
      );
    return compareDatabase(position, row.progress, storage.info.firstGeneration);
  };
  const found = await compare();
  if (found.is !== "behind") return found.is;
  await runner.reset(async (row) => (await resetPlanOf(storage, row, found.first)).write);
  storage.audit(key.tenant, by, "sub:resume", `${key.queue} ${key.group}: set back to ${position.offset}, as its database says`);
  proof.warn("a consumer's database is an older copy: its group was set back", { queue: key.queue, group: key.group, to: position.offset });
  return "set-back";
}
