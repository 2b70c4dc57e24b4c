import { DEFAULT_TENANT, MAIN_GROUP } from "@waybill/events";
import type { Storage } from "@waybill/storage";
import type { Registry } from "../dispatch/registry.ts";
import type { Gauges } from "./metrics.ts";

const PAGE = 1_000;
/** So long one measurement answers all who ask; it reads each unfinished subscription. */
const FRESH_MS = 2_000;

/** Measures from what is there: active subscriptions from their engines, the others from the storage. */
export function createGaugeSource(parts: { storage: Storage; registry: Registry; monotonicMs?: () => number }): () => Promise<Gauges> {
  const monotonicMs = parts.monotonicMs ?? (() => performance.now());
  let last: { atMs: number; gauges: Promise<Gauges> } | null = null;
  return () => {
    if (last && monotonicMs() - last.atMs < FRESH_MS) return last.gauges;
    last = { atMs: monotonicMs(), gauges: measure(parts.storage, parts.registry) };
    return last.gauges;
  };
}

async function measure(storage: Storage, registry: Registry): Promise<Gauges> {
  const { walBytes, fileBytes } = await storage.stats();
  const gauges: Gauges = { pending: 0, stuck: 0, dead: 0, subscriptions: 0, walBytes, fileBytes };
  const add = (group: string, counts: { pending: number; stuck: number; dead: number }) => {
    gauges.subscriptions += 1;
    if (group === MAIN_GROUP) gauges.pending += counts.pending;
    gauges.stuck += counts.stuck;
    gauges.dead += counts.dead;
  };

  const active = new Set<string>();
  for (const { key, view } of registry.runners()) {
    const seen = view();
    if (!seen) continue;
    active.add(`${key.tenant}/${key.queue}/${key.group}`);
    add(key.group, { pending: seen.pending, stuck: seen.stuckKeys.length, dead: seen.deadCount });
  }
  for await (const { key, floor, head, stuck, dead } of unfinished(storage)) {
    if (!active.has(`${key.tenant}/${key.queue}/${key.group}`)) add(key.group, { pending: head - floor, stuck, dead });
  }
  return gauges;
}

async function* unfinished(storage: Storage) {
  for (let after: Parameters<Storage["subscriptions"]>[1] = null; ; ) {
    const { rows, more } = await storage.subscriptions(DEFAULT_TENANT, after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (!more || !last) return;
    after = { queue: last.key.queue, group: last.key.group };
  }
}
