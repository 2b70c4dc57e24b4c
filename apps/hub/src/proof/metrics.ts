/**
 * Counters by which nothing can vanish unseen. Of events looked at in publishes:
 *
 *   published = stored + duplicates + refused
 *
 * where `made` counts the events that the hub adds of its own; and of the queues (each event at home, and each of its
 * copies), for group `main`, since the hub's start:
 *
 *   pending at the start + appended = settled{group="main"} + pending now
 *
 * where settled{how="buried"} are the dead letters. `pending` is measured from the engines and the storage, not derived.
 */
import type { HubCounters } from "@waybill/events";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** Measured when they are asked for. */
export type Gauges = { pending: number; stuck: number; dead: number; subscriptions: number; walBytes: number; fileBytes: number };

export type Metrics = {
  published(count: number): void;
  /** One published event at home, and so many copies. */
  stored(copies: number): void;
  /** The same of an event that nobody published: the hub made it. */
  made(copies: number): void;
  duplicates(count: number): void;
  refused(code: string, count: number): void;
  requestRefused(code: string, count: number): void;
  delivered(count: number): void;
  settled(group: string, how: string, count: number): void;
  failed(kind: string, outcome: string): void;
  connected(role: string): void;
  left(role: string): void;
  /** Events that were looked at in publishes or delivered. */
  passed(): number;
  /** From now on the gauges are taken from here; before, they are absent. */
  measureWith(measure: () => Promise<Gauges>): void;
  /** The same counters, as sums over their labels. */
  counts(): Promise<HubCounters & { connections: Record<"driver" | "vendor" | "admin", number> }>;
  /** Prometheus text, version 0.0.4. */
  text(): Promise<string>;
};

const gaugeHelp: Record<keyof Gauges, readonly [name: string, help: string]> = {
  pending: ["waybill_pending", "Events that group main has not settled, over all queues."],
  stuck: ["waybill_stuck", "Events whose attempts are used up and that hold their parcel, over all groups."],
  dead: ["waybill_dead", "Dead letters, over all groups."],
  subscriptions: ["waybill_subscriptions", "Subscriptions that have something left to do, or a consumer."],
  walBytes: ["waybill_wal_bytes", "Size of the storage's write-ahead log."],
  fileBytes: ["waybill_file_bytes", "Size of the storage's files."],
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let measure: (() => Promise<Gauges>) | null = null;
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers });

  /** For what is counted with each event: a sum of our own, handed over when it is asked for. A counter's `inc` makes two objects. */
  const tally = (name: string, help: string) => {
    let sum = 0;
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(sum);
      },
    });
    return {
      add(count: number): void {
        sum += count;
      },
      sum: () => sum,
    };
  };

  const published = tally("waybill_published_total", "Events looked at in publishes.");
  const stored = tally("waybill_stored_total", "Published events stored and confirmed, at home.");
  const made = counter("waybill_made_total", "Events that the hub made itself (claimed, released), at home.");
  const appended = tally("waybill_appended_total", "Events appended to queues: at home, and copies.");
  const duplicates = tally("waybill_duplicates_total", "Events that were stored before.");
  const refused = counter("waybill_refused_total", "Events refused in publishes.", ["code"]);
  const requestsRefused = counter("waybill_requests_refused_total", "Requests, notices and connections refused.", ["code"]);
  const delivered = tally("waybill_delivered_total", "Deliveries sent to consumers, repeats included.");
  // Groups are named by clients: only `main` has a label of its own, so that their number does not grow the page.
  const settledBy = { main: new Map<string, number>(), other: new Map<string, number>() };
  const settled = new Counter({
    name: "waybill_settled_total",
    help: "Events settled for good.",
    labelNames: ["group", "how"],
    registers,
    collect() {
      this.reset();
      for (const [group, sums] of Object.entries(settledBy)) for (const [how, sum] of sums) this.inc({ group, how }, sum);
    },
  });
  const failed = counter("waybill_failed_total", "Attempts that failed, or were interrupted.", ["kind", "outcome"]);
  const connections = new Gauge({ name: "waybill_connections", help: "Sockets that have shown a token.", labelNames: ["role"], registers });
  const gauges = new Map<string, Gauge>();
  // Among them the lag of the event loop, and what the process holds of memory and files.
  collectDefaultMetrics({ register: registry, prefix: "waybill_" });

  return {
    published: published.add,
    stored(copies) {
      stored.add(1);
      appended.add(1 + copies);
    },
    made(copies) {
      made.inc();
      appended.add(1 + copies);
    },
    duplicates: duplicates.add,
    refused: (code, count) => refused.inc({ code }, count),
    requestRefused: (code, count) => requestsRefused.inc({ code }, count),
    delivered: delivered.add,
    settled(group, how, count) {
      const sums = group === "main" ? settledBy.main : settledBy.other;
      sums.set(how, (sums.get(how) ?? 0) + count);
    },
    failed: (kind, outcome) => failed.inc({ kind, outcome }),
    connected: (role) => connections.inc({ role }),
    left: (role) => connections.dec({ role }),
    passed: () => published.sum() + delivered.sum(),
    measureWith: (source) => {
      measure = source;
      for (const [key, [name, help]] of Object.entries(gaugeHelp)) gauges.set(key, new Gauge({ name, help, registers }));
    },
    async counts() {
      const { values } = await connections.get();
      const ofRole = (role: string) => values.find(({ labels }) => labels.role === role)?.value ?? 0;
      return {
        published: published.sum(),
        stored: stored.sum(),
        duplicates: duplicates.sum(),
        refused: await sumOf(refused),
        appended: appended.sum(),
        delivered: delivered.sum(),
        settled: await sumOf(settled),
        failed: await sumOf(failed),
        connections: { driver: ofRole("driver"), vendor: ofRole("vendor"), admin: ofRole("admin") },
      };
    },
    async text() {
      if (measure) for (const [key, value] of Object.entries(await measure())) gauges.get(key)?.set(value);
      return registry.metrics();
    },
  };
}

const sumOf = async (counter: Counter<string>): Promise<number> =>
  (await counter.get()).values.reduce((total, { value }) => total + value, 0);
