/** A load as flow has it: producers in one process, vendors in another, both over all stores. */
import type { RunningHub, Supervisor } from "@waybill/testkit";
import { dealt } from "../load/dealt.ts";
import { sourcesOf } from "../load/sources.ts";
import type { Account, Plant } from "../measure/tally.ts";
import type { ProducerJob } from "../workers/producer-worker.ts";
import { cpuUsOf, pendingOf } from "./bench-hub.ts";
import { type Producers, startProducers, startVendors, type Vendors } from "./clients.ts";

export type CrewOptions = {
  hub: RunningHub;
  supervisor: Supervisor;
  profile: string | undefined;
  plant: Plant | null;
  /** All that will be published, in this order. */
  loads: readonly ProducerJob[];
  stores: readonly number[];
  bytes: number;
  producers: number;
  /** Vendors: each a connection, with its share of the stores. */
  vendors: number;
  window: number;
};

export type Crew = {
  hub: RunningHub;
  producers: Producers;
  vendors: Vendors;
  /** What the vendors got; `pending`: events that the hub does not take for settled. */
  close(): Promise<{ account: Account; pending: number }>;
};

export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { hub, supervisor, profile, stores, bytes, window } = options;
  const expected = Object.assign({}, ...options.loads.map((load) => sourcesOf({ ...load, producers: options.producers, stores }).expected));
  const token = hub.token({ role: "vendor", sub: "bench", stores: "*" });
  const vendors = await startVendors(supervisor, { url: hub.url, token, expected, plant: options.plant }, profile);
  let from = 0;
  for (const count of dealt(stores.length, Math.min(options.vendors, stores.length))) {
    await vendors.open(stores.slice(from, from + count));
    from += count;
  }
  const tokens = Array.from({ length: options.producers }, (_, index) => {
    const name = `bench-${index}`;
    return hub.token({ role: "driver", sub: name, driver: name });
  });
  const producers = await startProducers(supervisor, { url: hub.url, tokens, stores: [...stores], bytes, window }, profile);
  return {
    hub,
    producers,
    vendors,
    async close() {
      await vendors.close();
      const { account } = await vendors.report();
      await Promise.all([vendors.stop(), producers.stop()]);
      return { account, pending: await pendingOf(hub) };
    },
  };
}

export type Measured = { perSecond: number; p50: number; p99: number; hubUs: number; clientsUs: number };

/** From the first publish until the last event is both confirmed and handled. CPU of hub and clients is per event, in µs. */
export async function runLoad({ hub, producers, vendors }: Crew, load: ProducerJob): Promise<Measured> {
  const hubBefore = await cpuUsOf(hub);
  const before = await vendors.report();
  const published = await producers.publish(load);
  await vendors.handled(load.phase, load.events);
  const hubAfter = await cpuUsOf(hub);
  const after = await vendors.report();
  const { lastUs = Number.POSITIVE_INFINITY, p50 = 0, p99 = 0 } = after.phases[load.phase] ?? {};
  return {
    perSecond: (load.events / (Math.max(published.endUs, lastUs) - published.startUs)) * 1e6,
    p50,
    p99,
    hubUs: (hubAfter - hubBefore) / load.events,
    clientsUs: (after.cpuUs - before.cpuUs + published.cpuUs) / load.events,
  };
}
