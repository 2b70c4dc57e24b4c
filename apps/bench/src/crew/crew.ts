/** A load as flow has it: producers in one process, consumers in another, both over all stores. */

import type { Supervisor } from "@waybill/testkit";
import type { Keys } from "../load/bench-event.ts";
import { dealt } from "../load/dealt.ts";
import { sourcesOf } from "../load/sources.ts";
import type { Profiling } from "../measure/profiling.ts";
import type { Account, Plant } from "../measure/tally.ts";
import type { PeerServer } from "../peers/peer.ts";
import type { ProducerJob } from "../workers/producer-worker.ts";
import { type Producers, startProducers, startVendors, type Vendors } from "./clients.ts";

export type CrewOptions = {
  server: Pick<PeerServer, "access" | "cpuUs" | "faults">;
  supervisor: Supervisor;
  profile: Profiling | undefined;
  plant: Plant | null;
  /** All that will be published, in this order. */
  loads: readonly ProducerJob[];
  stores: readonly number[];
  bytes: number;
  producers: number;
  /** Consumers: each a connection, with its share of the stores. */
  vendors: number;
  window: number;
  /** Each store has one producer. */
  own?: boolean;
  keys?: Keys;
};

export type Crew = {
  server: CrewOptions["server"];
  producers: Producers;
  vendors: Vendors;
  /** What the consumers got, and what else was broken. */
  close(): Promise<{ account: Account; faults: string[] }>;
};

/** The stores of each of so many consumers. */
export function sharesOf(stores: readonly number[], consumers: number): number[][] {
  let from = 0;
  return dealt(stores.length, Math.min(consumers, stores.length)).map((count) => {
    from += count;
    return stores.slice(from - count, from);
  });
}

export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { server, supervisor, profile, stores, bytes, window, own = false, keys = null, producers: count } = options;
  const { access } = server;
  const expected = Object.assign(
    {},
    ...options.loads.map((load) => sourcesOf({ ...load, stores: load.stores ?? stores, producers: count, own }).expected),
  );
  const shares = sharesOf(stores, options.vendors);
  const config = { access, producers: count, stores: [...stores], shares, bytes, window, own, keys };
  const producers = await startProducers(supervisor, config, profile);
  const vendors = await startVendors(supervisor, { access, expected, plant: options.plant, keys }, profile);
  await vendors.openAll(shares);
  return {
    server,
    producers,
    vendors,
    async close() {
      await vendors.close();
      await producers.close();
      const { account } = await vendors.report();
      await Promise.all([vendors.stop(), producers.stop()]);
      return { account, faults: await server.faults() };
    },
  };
}

export type Measured = { perSecond: number; p50: number; p99: number; p999: number; hubUs: number; clientsUs: number };

/** From the first publish until the last event is both confirmed and handled. CPU of server and clients is per event, in µs. */
export async function runLoad({ server, producers, vendors }: Crew, load: ProducerJob): Promise<Measured> {
  const hubBefore = await server.cpuUs();
  const before = await vendors.report();
  const published = await producers.publish(load);
  await vendors.handled(load.phase, load.events);
  const hubAfter = await server.cpuUs();
  const after = await vendors.report();
  const { lastUs = Number.POSITIVE_INFINITY, p50 = 0, p99 = 0, p999 = 0 } = after.phases[load.phase] ?? {};
  return {
    perSecond: (load.events / (Math.max(published.endUs, lastUs) - published.startUs)) * 1e6,
    p50,
    p99,
    p999,
    hubUs: (hubAfter - hubBefore) / load.events,
    clientsUs: (after.cpuUs - before.cpuUs + published.cpuUs) / load.events,
  };
}
