/** A process of consumers, of whichever peer: it handles, checks each event, and says how far it is and what each phase took. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ParcelEvent } from "@waybill/events";
import { z } from "zod";
import { phaseOf, readId } from "../load/bench-event.ts";
import { Latencies, monotonicUs } from "../measure/latencies.ts";
import { plants, Tally } from "../measure/tally.ts";
import { accessSchema } from "../peers/access.ts";
import { loadClient } from "../peers/clients.ts";
import type { Consumer, Handle } from "../peers/peer-client.ts";
import { runWorker } from "./worker.ts";

const configSchema = z.strictObject({
  access: accessSchema,
  /** What is to come, by source, over all jobs. */
  expected: z.record(z.string(), z.int()),
  plant: z.enum(plants).nullable(),
  /** So many parcels take turns for ever. */
  keys: z.int().nullable().default(null),
});
export type VendorConfig = z.input<typeof configSchema>;

/** So many consumers connect side by side. */
const OPENED_AT_ONCE = 16;

const jobSchema = z.union([
  /** A consumer with these stores, over a connection of its own. `hangs`: its handlers never return. `takesMs`: each takes so long, and checks nothing. */
  z.strictObject({ open: z.array(z.int()), hangs: z.boolean().default(false), takesMs: z.int().default(0) }),
  /** A consumer for each of these shares of the stores. */
  z.strictObject({ openAll: z.array(z.array(z.int())) }),
  z.strictObject({ close: z.literal(true) }),
  /** What came, and the times of each phase. */
  z.strictObject({ account: z.literal(true) }),
]);
export type VendorJob = z.input<typeof jobSchema>;

type Phase = { handled: number; expected: number; firstUs: number; lastUs: number; latencies: Latencies };
export type PhaseTimes = { handled: number; firstUs: number; lastUs: number; p50: number; p99: number; p999: number };

function phasesOf(expected: Readonly<Record<string, number>>): Map<string, Phase> {
  const phases = new Map<string, Phase>();
  const totals = new Map<string, number>();
  for (const [source, events] of Object.entries(expected)) totals.set(phaseOf(source), (totals.get(phaseOf(source)) ?? 0) + events);
  for (const [phase, total] of totals)
    phases.set(phase, { handled: 0, expected: total, firstUs: 0, lastUs: 0, latencies: new Latencies(total) });
  return phases;
}

await runWorker({ config: configSchema, job: jobSchema }, async ({ access, expected, plant, keys }) => {
  const client = await loadClient(access);
  const tally = new Tally(expected, plant, keys);
  const phases = phasesOf(expected);
  const consumers: Consumer[] = [];

  const bySource = new Map(Object.keys(expected).map((source) => [source, phases.get(phaseOf(source))]));

  const handle = (event: ParcelEvent): void => {
    const id = readId(event.id);
    tally.take(id, event.parcel);
    const phase = bySource.get(id.source);
    if (phase === undefined) return;
    phase.handled += 1;
    // The clock is read where it is needed: for the first, the last, and where the publisher says when it was sent.
    const sentUs = "note" in event.data ? Number.parseInt(event.data.note ?? "", 10) : Number.NaN;
    if (!Number.isNaN(sentUs)) phase.latencies.add(monotonicUs() - sentUs);
    if (phase.handled === 1) phase.firstUs = monotonicUs();
    if (phase.handled === phase.expected) phase.lastUs = monotonicUs();
  };

  return {
    progress: () => ({ handled: Object.fromEntries([...phases].map(([name, { handled }]) => [name, handled])) }),
    async job(job) {
      if ("open" in job) {
        const atUs = monotonicUs();
        consumers.push(await client.consumer(job.open, handlerOf(job, handle)));
        return { atUs };
      }
      if ("openAll" in job) {
        const waiting = job.openAll[Symbol.iterator]();
        const one = async (): Promise<void> => {
          for (const stores of waiting) consumers.push(await client.consumer(stores, handle));
        };
        await Promise.all(Array.from({ length: OPENED_AT_ONCE }, one));
        return {};
      }
      if ("close" in job) {
        await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
        return {};
      }
      const times = [...phases].map(([name, { handled, firstUs, lastUs, latencies }]): [string, PhaseTimes] => [
        name,
        { handled, firstUs, lastUs, p50: latencies.at(0.5), p99: latencies.at(0.99), p999: latencies.at(0.999) },
      ]);
      return { account: tally.account(), phases: Object.fromEntries(times), cpuUs: cpuUs() };
    },
  };
});

function handlerOf({ hangs, takesMs }: { hangs: boolean; takesMs: number }, handle: (event: ParcelEvent) => void): Handle {
  if (hangs) return () => new Promise(() => {});
  return takesMs > 0 ? () => sleep(takesMs) : handle;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
