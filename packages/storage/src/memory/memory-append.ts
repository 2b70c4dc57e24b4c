/** Appends one item with its copies and its claim, or says why not. The checks and their order are the port's. */
import { limits, MAIN_GROUP, noClaim, type Queue, queueParts } from "@waybill/events";
import type { AppendItem, AppendOutcome, StoredClaim, StoredEvent, VoidItem } from "../port.ts";
import { type MemoryLane, type MemoryTenant, queueOf, unsettledOf } from "./memory-state.ts";

export type AppendOptions = { nowMs: number; queueEventsMax: number };

/** `stopped`: the lanes of this batch that have met their first refusal. */
export function appendItem(tenant: MemoryTenant, item: AppendItem | VoidItem, stopped: Set<string>, options: AppendOptions): AppendOutcome {
  if (item.from.kind !== "numbered") return "void" in item ? { outcome: "void" } : store(tenant, item, options);
  const laneKey = `${item.from.producer} ${item.home}`;
  if (stopped.has(laneKey)) return { outcome: "skipped" };
  const outcome = appendNumbered(tenant, item, laneKey, options);
  if (outcome.outcome !== "stored" && outcome.outcome !== "duplicate" && outcome.outcome !== "void") stopped.add(laneKey);
  return outcome;
}

function appendNumbered(tenant: MemoryTenant, item: AppendItem | VoidItem, laneKey: string, options: AppendOptions): AppendOutcome {
  if (item.from.kind !== "numbered") throw new Error("only numbered items have a lane");
  const { producer } = item.from;
  const { number } = item;
  const incarnation = tenant.incarnations.get(producer) ?? 0;
  if (item.from.incarnation < incarnation) return { outcome: "fenced", incarnation };
  const lane: MemoryLane = tenant.lanes.get(laneKey) ?? { number: 0, recent: [] };
  if (number <= lane.number) return seenBefore(lane, number, "void" in item ? null : item.id);
  if (number > lane.number + 1) return { outcome: "gap", expected: lane.number + 1 };
  const outcome: AppendOutcome = "void" in item ? { outcome: "void" } : store(tenant, item, options);
  if (outcome.outcome !== "stored" && outcome.outcome !== "void") return outcome;
  lane.number = number;
  lane.recent.push({ number, id: "void" in item ? "" : item.id, offset: outcome.outcome === "stored" ? outcome.offset : 0 });
  if (lane.recent.length > limits.laneRecentMax) lane.recent.shift();
  tenant.lanes.set(laneKey, lane);
  return outcome;
}

function seenBefore(lane: MemoryLane, number: number, id: string | null): AppendOutcome {
  const known = lane.recent.find((recent) => recent.number === number);
  if (known === undefined) return { outcome: "duplicate", offset: 0 };
  if (id !== null && known.id !== id) return { outcome: "reused", id: known.id };
  return { outcome: "duplicate", offset: known.offset };
}

function store(tenant: MemoryTenant, item: AppendItem, options: AppendOptions): AppendOutcome {
  const subject = item.from.kind === "plain" ? item.from.subject : null;
  const seen = subject === null ? undefined : tenant.subjects.get(subject)?.find((recent) => recent.id === item.id);
  if (seen !== undefined)
    return seen.home === item.home ? { outcome: "duplicate", offset: seen.offset } : { outcome: "reused", id: item.id };
  for (const queue of [item.home, ...item.copies.map((copy) => copy.queue)]) {
    const main = tenant.subscriptions.get(`${queue} ${MAIN_GROUP}`);
    if (unsettledOf(main, tenant.queues.get(queue)?.head ?? 0) >= options.queueEventsMax) return { outcome: "full", queue };
  }
  const before = tenant.claims.get(item.parcel) ?? { claim: noClaim, readyOffset: 0, poolOffset: 0 };
  if (item.claim !== undefined && before.claim.epoch !== item.claim.expectEpoch) return { outcome: "claim-moved", claim: { ...before } };

  const offset = append(tenant, item.home, item.home, { ...factOf(item), homeOffset: 0 }, options.nowMs);
  const copyOffsets = item.copies.map(({ queue, event }) => {
    const fact = event === undefined ? { ...factOf(item), homeOffset: offset } : { ...factOf(item), ...event, number: 0 };
    return append(tenant, queue, item.home, fact, options.nowMs);
  });
  if (item.claim !== undefined) tenant.claims.set(item.parcel, nextClaim(item, item.claim.next, before, offset, copyOffsets));
  if (subject !== null) remember(tenant, subject, { id: item.id, home: item.home, offset });
  return { outcome: "stored", offset, recordedAtMs: options.nowMs, copyOffsets };
}

type Fact = Omit<StoredEvent, "queue" | "offset" | "recordedAtMs">;

function factOf(item: AppendItem): Omit<Fact, "homeOffset"> {
  const from = item.from;
  const producer = from.kind === "numbered" ? from.producer : from.kind === "plain" ? from.subject : "hub";
  return {
    id: item.id,
    type: item.type,
    parcel: item.parcel,
    producer,
    number: item.number,
    body: item.body,
  };
}

/** `homeOffset` 0: this is the home. */
function append(tenant: MemoryTenant, queue: Queue, home: Queue, fact: Fact, nowMs: number): number {
  const target = queueOf(tenant, queue);
  const offset = ++target.head;
  const homeOffset = fact.homeOffset === 0 ? offset : fact.homeOffset;
  target.records.push({ event: { ...fact, queue, offset, homeOffset, recordedAtMs: nowMs, body: fact.body.slice() }, home });
  return offset;
}

function nextClaim(
  item: AppendItem,
  claim: StoredClaim["claim"],
  before: StoredClaim,
  offset: number,
  copyOffsets: readonly number[],
): StoredClaim {
  const pool = item.copies.findLastIndex((copy) => queueParts(copy.queue).kind === "zone");
  return {
    claim,
    readyOffset: item.type === "ready" && claim.epoch !== before.claim.epoch ? offset : before.readyOffset,
    poolOffset: copyOffsets[pool] ?? before.poolOffset,
  };
}

function remember(tenant: MemoryTenant, subject: string, seen: { id: string; home: Queue; offset: number }): void {
  const recent = tenant.subjects.get(subject) ?? [];
  recent.push(seen);
  if (recent.length > limits.plainRecentMax) recent.shift();
  tenant.subjects.set(subject, recent);
}
