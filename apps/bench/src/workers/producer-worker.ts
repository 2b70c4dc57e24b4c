/** A process of producers, of whichever peer: each a connection, with so many events that are not confirmed, at most. */
import { z } from "zod";
import { type BenchEvent, benchEvent, type Keys, sourceName } from "../load/bench-event.ts";
import { type Spread, sourcesOf, turnsOf } from "../load/sources.ts";
import { monotonicUs } from "../measure/latencies.ts";
import { accessSchema } from "../peers/access.ts";
import { loadClient } from "../peers/clients.ts";
import type { Producer } from "../peers/peer-client.ts";
import { runWorker } from "./worker.ts";

const configSchema = z.strictObject({
  access: accessSchema,
  producers: z.int().min(1),
  stores: z.array(z.int()).min(1),
  /** How the consumers will share the stores: what they need is made before the first publish. */
  shares: z.array(z.array(z.int())),
  bytes: z.int(),
  window: z.int(),
  /** Each store has one producer. */
  own: z.boolean().default(false),
  /** So many parcels take turns for ever; `null`: each source has its own, a few events each. */
  keys: z.int().nullable().default(null),
});
export type ProducerConfig = z.input<typeof configSchema>;

const jobSchema = z.union([
  z.strictObject({
    phase: z.string(),
    /** Over all producers. */
    events: z.int(),
    /** A second, over all producers; `null`: as fast as they are confirmed. Such events say when they were sent. */
    rate: z.number().nullable(),
    /** Default: those of the configuration. */
    stores: z.array(z.int()).min(1).optional(),
  }),
  z.strictObject({ close: z.literal(true) }),
]);
export type ProducerJob = Exclude<z.input<typeof jobSchema>, { close: true }>;

const PACE_MS = 1;

/** The next event of this producer: its stores take turns. */
function nextOf(phase: string, producer: number, { bytes, keys, ...spread }: Spread & { bytes: number; keys: Keys }) {
  const turns = turnsOf(producer, spread).map((store) => ({ source: sourceName(phase, producer, store), store }));
  let sent = 0;
  return (isStamped: boolean): BenchEvent => {
    const turn = turns[sent % turns.length];
    if (turn === undefined) throw new Error("Broken invariant: a producer that publishes has a store.");
    const seq = Math.floor(sent / turns.length);
    sent += 1;
    return benchEvent(turn.source, seq, { store: turn.store, bytes, stamp: isStamped ? `${monotonicUs()} ` : "", keys });
  };
}
type Next = ReturnType<typeof nextOf>;
type Line = { producer: Producer; next: Next; share: number };

function saturate({ producer, next, share }: Line, window: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  let confirmed = 0;
  const one = (): void => {
    if (sent >= share) return;
    sent += 1;
    producer.publish(next(false)).then(done, reject);
  };
  const done = (): void => {
    confirmed += 1;
    if (confirmed === share) resolve();
    else one();
  };
  for (let i = 0; i < window; i++) one();
  if (share === 0) resolve();
  return promise;
}

async function pace(lines: readonly Line[], rate: number): Promise<void> {
  const events = lines.reduce((sum, { share }) => sum + share, 0);
  const sinceUs = monotonicUs();
  const underWay: Promise<unknown>[] = [];
  for (let sent = 0; sent < events; ) {
    const due = Math.min(events, Math.floor(((monotonicUs() - sinceUs) * rate) / 1e6));
    for (; sent < due; sent++) {
      const line = lines[sent % lines.length];
      if (line !== undefined) underWay.push(line.producer.publish(line.next(true)));
    }
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  await Promise.all(underWay);
}

await runWorker({ config: configSchema, job: jobSchema }, async ({ access, producers: count, shares, window, ...config }) => {
  const client = await loadClient(access);
  await client.prepare(shares);
  const producers = await Promise.all(Array.from({ length: count }, (_, index) => client.producer(index)));

  return {
    async job(job) {
      if ("close" in job) {
        await Promise.all(producers.map((producer) => producer.close()));
        return {};
      }
      const { phase, events, rate, stores = config.stores } = job;
      const spread = { ...config, stores, producers: count };
      const { shares: perProducer } = sourcesOf({ ...spread, phase, events });
      const lines = producers.map(
        (producer, index): Line => ({
          producer,
          next: nextOf(phase, index, spread),
          share: perProducer[index] ?? 0,
        }),
      );
      const startUs = monotonicUs();
      const before = process.cpuUsage();
      if (rate !== null) await pace(lines, rate);
      else await Promise.all(lines.map((line) => saturate(line, window)));
      const { user, system } = process.cpuUsage(before);
      return { startUs, endUs: monotonicUs(), cpuUs: user + system };
    },
  };
});
