/** A progress write as the committer takes it: its usual part as columns, the rest only when there is any. */
import type { ProgressWrite } from "@waybill/queue";
import type { SubscriptionKey } from "../port.ts";
import { placeOf } from "./codec/batch-codec.ts";
import type { ProgressJob } from "./protocol.ts";

/** What `ref` refers to is the runner's own: the body, or something that has it. Only bytes can cross into the worker. */
function bodyOfRef(ref: unknown): Uint8Array | null {
  const body = typeof ref === "object" && ref !== null && "body" in ref ? ref.body : ref;
  return body instanceof Uint8Array ? body : null;
}

export function progressJob(key: SubscriptionKey, { progress, attempts, parked, dead }: ProgressWrite): ProgressJob {
  const isBare = [attempts.put, attempts.remove, parked.put, parked.remove, dead.put, dead.remove].every((list) => list.length === 0);
  const put = dead.put.map((letter) => ({ ...letter, ref: bodyOfRef(letter.ref) }));
  return {
    place: placeOf(key.tenant, key.queue),
    group: key.group,
    generation: progress.generation,
    cursor: progress.cursor,
    open: JSON.stringify(progress.open),
    openCount: progress.open.reduce((sum, [from, to]) => sum + to - from + 1, 0),
    openFirst: progress.open.reduce((first, [from]) => Math.min(first, from), progress.open[0]?.[0] ?? 0),
    offeredTo: progress.offeredTo,
    ackedTo: progress.ackedTo,
    paused: progress.paused,
    detail: isBare ? null : { attempts, parked, dead: { put, remove: dead.remove } },
  };
}
