/** A progress write as the committer takes it: its usual part as columns, the rest only when there is any. */
import type { ProgressWrite } from "@waybill/queue";
import type { SubscriptionKey } from "../port.ts";
import { placeOf } from "./codec/batch-codec.ts";
import type { ProgressJob } from "./protocol.ts";

export function progressJob(key: SubscriptionKey, { progress, attempts, parked, dead }: ProgressWrite): ProgressJob {
  const isBare = [attempts.put, attempts.remove, parked.put, parked.remove, dead.put, dead.remove].every((list) => list.length === 0);
  // What `ref` refers to is the runner's own; only bytes can cross into the worker.
  const put = dead.put.map((letter) => ({ ...letter, ref: letter.ref instanceof Uint8Array ? letter.ref : null }));
  return {
    place: placeOf(key.tenant, key.queue),
    group: key.group,
    generation: progress.generation,
    cursor: progress.cursor,
    open: JSON.stringify(progress.open),
    openCount: progress.open.reduce((sum, [from, to]) => sum + to - from + 1, 0),
    openFirst: progress.open.reduce((first, [from]) => Math.min(first, from), progress.open[0]?.[0] ?? 0),
    offeredTo: progress.offeredTo,
    paused: progress.paused,
    detail: isBare ? null : { attempts, parked, dead: { put, remove: dead.remove } },
  };
}
