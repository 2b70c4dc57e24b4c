/** Publishes and deliveries side by side: as fast as it goes, then at a pace, for the time from publish to handler. */
import { startBenchHub } from "../crew/bench-hub.ts";
import { runLoad, startCrew } from "../crew/crew.ts";
import { PEER, type Row, type Setting, SYNCED, type Workload } from "../workload.ts";

export const flow: Workload = {
  name: "flow",
  summary: "8 producers with 256 unconfirmed events each, and vendors of all stores: events that are confirmed, handled and acknowledged.",
  defaults: { events: 400_000, stores: 100 },
  durable: SYNCED,
  measures: {
    perSecond: { label: "events/s", digits: 0 },
    hubUs: { label: "hub µs/event", digits: 1 },
    clientsUs: { label: "clients µs/event", digits: 1 },
    p50: { label: "p50 ms at 1,000/s", digits: 2 },
    p99: { label: "p99 ms", digits: 2 },
  },
  run,
};

const PRODUCERS = 8;
const VENDORS = 8;
const WINDOW = 256;
const PACE_PER_SECOND = 1_000;
const PACED_SECONDS_MAX = 10;

async function run({ events, bytes, plant, profile, supervisor, ...setting }: Setting): Promise<Row[]> {
  await using hub = await startBenchHub({ supervisor, profile });
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const share = Math.ceil(events / 10);
  const loads = [
    // The code of all three processes is compiled by then.
    { phase: "warm", events: share, rate: null },
    { phase: "flow", events, rate: null },
    { phase: "paced", events: Math.min(share, PACE_PER_SECOND * PACED_SECONDS_MAX), rate: PACE_PER_SECOND },
  ];
  const crew = await startCrew({
    hub,
    supervisor,
    profile,
    plant,
    loads,
    stores,
    bytes,
    producers: PRODUCERS,
    vendors: VENDORS,
    window: WINDOW,
  });
  const measured = [];
  for (const load of loads) measured.push(await runLoad(crew, load));
  const [, fast, paced] = measured;
  const { account, pending } = await crew.close();
  const values = {
    perSecond: fast?.perSecond ?? 0,
    hubUs: fast?.hubUs ?? 0,
    clientsUs: fast?.clientsUs ?? 0,
    p50: paced?.p50 ?? 0,
    p99: paced?.p99 ?? 0,
  };
  return [{ peer: PEER, at: "SDK", values, account, faults: pending === 0 ? [] : [`${pending} events are not settled`] }];
}
