/** Publishes and deliveries side by side: as fast as it goes, then at a pace, for the time from publish to handler. */
import { runLoad, startCrew } from "../crew/crew.ts";
import { WARM_EVENTS } from "../load/warm.ts";
import type { Peer } from "../peers/peer.ts";
import type { Measures, Setting, Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";

export const flow: Workload = {
  name: "flow",
  summary:
    "8 producers with 256 unconfirmed events each, and consumers of all stores: events that are confirmed, handled and acknowledged.",
  defaults: { events: 400_000, stores: 100 },
  fits: () => true,
  measures: {
    perSecond: { label: "events/s", digits: 0 },
    hubUs: { label: "server µs/event", digits: 1 },
    clientsUs: { label: "clients µs/event", digits: 1 },
    p50: { label: "p50 ms at 1,000/s", digits: 2 },
    p99: { label: "p99 ms", digits: 2 },
  },
  run: sideBySide(runOn),
};

const PRODUCERS = 8;
const CONSUMERS = 8;
const WINDOW = 256;
const PACE_PER_SECOND = 1_000;
const PACED_SECONDS_MAX = 10;

async function runOn(peer: Peer, { bytes, plant, profile, supervisor, ...setting }: Setting): Promise<Measures> {
  const events = Math.ceil(setting.events * peer.share);
  const loads = [
    { phase: "warm", events: Math.min(events, Math.ceil(WARM_EVENTS * peer.share)), rate: null },
    { phase: "flow", events, rate: null },
    { phase: "paced", events: Math.min(Math.ceil(events / 10), PACE_PER_SECOND * PACED_SECONDS_MAX), rate: PACE_PER_SECOND },
  ];
  await using server = await peer.start({ supervisor, profile });
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const common = { server, supervisor, profile, plant, loads, stores, bytes };
  const crew = await startCrew({ ...common, producers: PRODUCERS, vendors: CONSUMERS, window: WINDOW });
  const measured = [];
  for (const load of loads) measured.push(await runLoad(crew, load));
  const [, fast, paced] = measured;
  const { account, faults } = await crew.close();
  const values = {
    perSecond: fast?.perSecond ?? 0,
    hubUs: fast?.hubUs ?? 0,
    clientsUs: fast?.clientsUs ?? 0,
    p50: paced?.p50 ?? 0,
    p99: paced?.p99 ?? 0,
  };
  return { values, account, faults };
}
