/** From publish to handler, at a pace that nobody is short of breath at, and at one that only some keep up with. */
import { runLoad, startCrew } from "../crew/crew.ts";
import type { Peer } from "../peers/peer.ts";
import type { Measures, Setting, Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";

export const latency: Workload = {
  name: "latency",
  summary: "Time from publish to handler at 1,000 and at 20,000 events a second, 8 producers and consumers of all stores.",
  defaults: { events: 10_000, stores: 100 },
  fits: () => true,
  measures: {
    p99: { label: "p99 ms at 1,000/s", digits: 2 },
    p50: { label: "p50 ms", digits: 2 },
    p999: { label: "p99.9 ms", digits: 2 },
    fastP50: { label: "p50 ms at 20,000/s", digits: 2 },
    fastP99: { label: "p99 ms", digits: 2 },
    fastP999: { label: "p99.9 ms", digits: 2 },
    perSecond: { label: "of 20,000/s", digits: 0 },
  },
  run: sideBySide(runOn),
};

const CREW = { producers: 8, vendors: 8, window: 256 };
const SLOW_PER_SECOND = 1_000;
const FAST_PER_SECOND = 20_000;
/** The faster pace has so many times the events. */
const FAST_SHARE = 10;
/** Who moves less than that in `flow` does not try. */
const FAST_FROM_SHARE = 0.5;

async function runOn(peer: Peer, { events, bytes, plant, profile, supervisor, ...setting }: Setting): Promise<Measures> {
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const calm = { phase: "calm", events, rate: SLOW_PER_SECOND };
  const fast = { phase: "fast", events: events * FAST_SHARE, rate: FAST_PER_SECOND };
  const loads = [
    { phase: "warm", events: events * FAST_SHARE * peer.share, rate: null },
    calm,
    ...(peer.share < FAST_FROM_SHARE ? [] : [fast]),
  ];
  await using server = await peer.start({ supervisor, profile });
  const crew = await startCrew({ server, supervisor, profile, plant, loads, stores, bytes, ...CREW });
  const measured = new Map<string, Awaited<ReturnType<typeof runLoad>>>();
  for (const load of loads) measured.set(load.phase, await runLoad(crew, load));
  const { account, faults } = await crew.close();
  const { p50 = Number.NaN, p99 = Number.NaN, p999 = Number.NaN } = measured.get("calm") ?? {};
  const of = measured.get("fast");
  const values = {
    ...{ p50, p99, p999 },
    fastP50: of?.p50 ?? Number.NaN,
    fastP99: of?.p99 ?? Number.NaN,
    fastP999: of?.p999 ?? Number.NaN,
    perSecond: of?.perSecond ?? Number.NaN,
  };
  return { values, account, faults };
}
