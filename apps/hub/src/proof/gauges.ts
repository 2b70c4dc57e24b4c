import { DEFAULT_TENANT, type HubInfo, MAIN_GROUP } from "@waybill/events";
import type { Storage, SubscriptionKey } from "@waybill/storage";
import { inTurns } from "../dispatch/in-turns.ts";
import type { Registry } from "../dispatch/registry.ts";
import { summaryOf } from "../operate/summary-of.ts";
import type { Gauges } from "./metrics.ts";

const PAGE = 1_000;
/**
 * So long one measurement answers all who ask, and so many times as long as it took: it reads each unfinished subscription. But
 * no longer than a scrape's usual interval: a process that was stopped in the midst of one would tell it for minutes.
 */
const FRESH_MS = 900;
const FRESH_TIMES = 20;
const FRESH_MS_MAX = 15_000;
/** Subscriptions that are told one by one: so many with most that waits, and so many that settle most. */
const BUSIEST = 20;

export type Measured = { gauges: Gauges; busiest: HubInfo["busiest"] };
type Found = { key: SubscriptionKey; pending: number; settledPerSecond: number };
type Parts = { storage: Storage; registry: Registry; monotonicMs?: () => number };

/** Measures from what is there: active subscriptions from their engines, the others from the storage. */
export function createGaugeSource(parts: Parts): () => Promise<Measured> {
  const monotonicMs = parts.monotonicMs ?? (() => performance.now());
  let last: { freshToMs: number; measured: Promise<Measured> } | null = null;
  const rates = createRates();
  return () => {
    const atMs = monotonicMs();
    if (last && atMs < last.freshToMs) return last.measured;
    const measured = measure(parts.storage, parts.registry, rates.begin(atMs));
    const mine = { freshToMs: Number.POSITIVE_INFINITY, measured };
    last = mine;
    const done = () => {
      const tookMs = monotonicMs() - atMs;
      mine.freshToMs = atMs + Math.max(FRESH_MS, Math.min(FRESH_MS_MAX, tookMs * FRESH_TIMES));
    };
    measured.then(done, () => {
      mine.freshToMs = 0;
    });
    return measured;
  };
}

async function measure(storage: Storage, registry: Registry, rateOf: (name: string, settled: number) => number): Promise<Measured> {
  const { walBytes, fileBytes } = await storage.stats();
  const gauges: Gauges = { pending: 0, stuck: 0, dead: 0, subscriptions: 0, walBytes, fileBytes };
  const most = createMost();
  const add = (found: Found, counts: { stuck: number; dead: number }) => {
    gauges.subscriptions += 1;
    if (found.key.group === MAIN_GROUP) gauges.pending += found.pending;
    gauges.stuck += counts.stuck;
    gauges.dead += counts.dead;
    most.look(found);
  };

  const active = new Set<string>();
  await inTurns(registry.runners(), (runner) => {
    const { key } = runner;
    const seen = runner.look((engine) => engine.view());
    if (!seen) return;
    active.add(nameOf(key));
    const { head, pending, stuckKeys, deadCount } = seen;
    add({ key, pending, settledPerSecond: rateOf(nameOf(key), head - pending) }, { stuck: stuckKeys.length, dead: deadCount });
  });
  for await (const { key, pending, stuck, dead } of unfinished(storage)) {
    if (!active.has(nameOf(key))) add({ key, pending, settledPerSecond: 0 }, { stuck, dead });
  }
  return { gauges, busiest: await told(storage, registry, most.found()) };
}

async function told(storage: Storage, registry: Registry, found: readonly Found[]): Promise<HubInfo["busiest"]> {
  const rows = await Promise.all(found.map(({ key }) => storage.subscription(key)));
  return rows.flatMap((row, index) => {
    const settledPerSecond = found[index]?.settledPerSecond ?? 0;
    return row ? [{ ...summaryOf(registry, row), settledPerSecond }] : [];
  });
}

/** The first of all by what waits and by what is settled, without keeping all. */
function createMost(): { look(found: Found): void; found(): Found[] } {
  const orders = [(one: Found) => one.pending, (one: Found) => one.settledPerSecond];
  const lists: Found[][] = orders.map(() => []);
  const shorten = (index: number): Found[] => {
    const by = orders[index] ?? (() => 0);
    const list = (lists[index] ?? []).sort((a, b) => by(b) - by(a)).slice(0, BUSIEST);
    lists[index] = list;
    return list;
  };
  return {
    look(found) {
      for (const [index, by] of orders.entries()) {
        const list = lists[index];
        if (!list || by(found) === 0) continue;
        list.push(found);
        if (list.length > BUSIEST * 10) shorten(index);
      }
    },
    found: () => [...new Set(orders.flatMap((_, index) => shorten(index)))],
  };
}

/** How much more than at the measurement before, per second; of what was not there, nothing is known. */
function createRates(): { begin(atMs: number): (name: string, count: number) => number } {
  let before = { atMs: 0, counts: new Map<string, number>() };
  return {
    begin(atMs) {
      const last = before;
      const counts = new Map<string, number>();
      before = { atMs, counts };
      return (name, count) => {
        counts.set(name, count);
        const known = last.counts.get(name);
        return known === undefined ? 0 : Math.max(0, ((count - known) / Math.max(1, atMs - last.atMs)) * 1_000);
      };
    },
  };
}

const nameOf = ({ tenant, queue, group }: SubscriptionKey): string => `${tenant}/${queue}/${group}`;

async function* unfinished(storage: Storage) {
  for (let after: Parameters<Storage["subscriptions"]>[1] = null; ; ) {
    const { rows, more } = await storage.subscriptions(DEFAULT_TENANT, after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (!more || !last) return;
    after = { queue: last.key.queue, group: last.key.group };
  }
}
