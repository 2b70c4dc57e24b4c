/** A process of producers: each has an outbox in memory and so many events that are not confirmed, at most. */
import { createDriver, type Driver } from "@waybill/client";
import { z } from "zod";
import { benchEvent, sourceName } from "../load/bench-event.ts";
import { sourcesOf } from "../load/sources.ts";
import { monotonicUs } from "../measure/latencies.ts";
import { runWorker } from "./worker.ts";

const configSchema = z.strictObject({
  url: z.string(),
  /** One token for each producer. */
  tokens: z.array(z.string()).min(1),
  stores: z.array(z.int()).min(1),
  bytes: z.int(),
  window: z.int(),
});
export type ProducerConfig = z.input<typeof configSchema>;

const jobSchema = z.strictObject({
  phase: z.string(),
  /** Over all producers. */
  events: z.int(),
  /** A second, over all producers; `null`: as fast as they are confirmed. Such events say when they were sent. */
  rate: z.number().nullable(),
});
export type ProducerJob = z.input<typeof jobSchema>;

const PACE_MS = 1;

await runWorker({ config: configSchema, job: jobSchema }, async ({ url, tokens, stores, bytes, window }) => {
  const drivers = tokens.map((token) => createDriver({ url, token }));
  await Promise.all(drivers.map((driver) => driver.ready()));

  /** The next event of this producer: its stores take turns. */
  const nextOf = (phase: string, producer: number) => {
    const counts = new Map<number, number>();
    let turn = producer;
    return (isStamped: boolean) => {
      const store = stores[turn % stores.length] ?? 0;
      turn += 1;
      const seq = counts.get(store) ?? 0;
      counts.set(store, seq + 1);
      const stamp = isStamped ? `${monotonicUs()} ` : "";
      return benchEvent(sourceName(phase, producer, store), seq, { store, bytes, stamp });
    };
  };

  const publish = async (driver: Driver, event: ReturnType<typeof benchEvent>): Promise<void> => {
    // `duplicate`: the answer to an earlier send of it was lost, or late. The hub has it once; the consumers' check sees to that.
    const { outcome } = await driver.publish(event);
    if (outcome === "outbox") throw new Error("An event of the bench was not confirmed.");
  };

  const saturate = (driver: Driver, next: ReturnType<typeof nextOf>, events: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let sent = 0;
    let confirmed = 0;
    const one = (): void => {
      if (sent >= events) return;
      sent += 1;
      publish(driver, next(false)).then(() => {
        confirmed += 1;
        if (confirmed === events) resolve();
        else one();
      }, reject);
    };
    for (let i = 0; i < window; i++) one();
    if (events === 0) resolve();
    return promise;
  };

  const pace = async (nexts: readonly ReturnType<typeof nextOf>[], shares: readonly number[], rate: number): Promise<void> => {
    const left = [...shares];
    const events = left.reduce((sum, share) => sum + share, 0);
    const sinceUs = monotonicUs();
    const underWay: Promise<void>[] = [];
    for (let sent = 0; sent < events; ) {
      const due = Math.min(events, Math.floor(((monotonicUs() - sinceUs) * rate) / 1e6));
      for (; sent < due; sent++) {
        const producer = sent % nexts.length;
        const driver = drivers[producer];
        const next = nexts[producer];
        if (driver !== undefined && next !== undefined) underWay.push(publish(driver, next(true)));
      }
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
    await Promise.all(underWay);
  };

  return {
    async job({ phase, events, rate }) {
      const shares = sourcesOf({ phase, events, producers: drivers.length, stores }).shares;
      const nexts = drivers.map((_, producer) => nextOf(phase, producer));
      const startUs = monotonicUs();
      const before = process.cpuUsage();
      if (rate !== null) await pace(nexts, shares, rate);
      else
        await Promise.all(
          drivers.map((driver, producer) => {
            const next = nexts[producer];
            return next === undefined ? undefined : saturate(driver, next, shares[producer] ?? 0);
          }),
        );
      const { user, system } = process.cpuUsage(before);
      return { startUs, endUs: monotonicUs(), cpuUs: user + system };
    },
  };
});
