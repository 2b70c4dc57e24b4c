/**
 * What an event costs a hub that has more of something: stored events, queues, connections, keys of a queue. At each point of each axis a hub
 * of its own, on a folder that is prepared for it, gets the same load, once as fast as it goes and once at a pace; all of it is checked.
 */
import type { RunningHub, Supervisor } from "@waybill/testkit";
import { startBenchHub } from "../crew/bench-hub.ts";
import { startVendors, type Vendors } from "../crew/clients.ts";
import { runLoad, startCrew } from "../crew/crew.ts";
import { unsettledFaults } from "../crew/unsettled.ts";
import { type Axis, type Shape, shapeOf } from "../load/axes.ts";
import { idleStores, preparedFolder } from "../load/prepared-folder.ts";
import { WARM_EVENTS } from "../load/warm.ts";
import { processCpuUs } from "../measure/cpu.ts";
import type { Access } from "../peers/access.ts";
import { accessTo } from "../peers/waybill/server.ts";
import { type Measures, noAccount, type Row, type Setting, WAYBILL, type Workload } from "../workload.ts";

export const growth: Workload = {
  name: "growth",
  summary: "What an event costs the hub, at a fixed pace, with more and more stored events, queues, connections, and keys of one queue.",
  defaults: { events: 131_072, stores: 1 },
  measures: {
    hubUs: { label: "hub µs/event", digits: 1 },
    hubRatio: { label: "of the first", digits: 2 },
    p50: { label: "p50 ms", digits: 2 },
    p99: { label: "p99 ms", digits: 2 },
    p99Ratio: { label: "of the first", digits: 2 },
    pacedPerSecond: { label: "events/s, paced", digits: 0 },
    perSecond: { label: "saturated", digits: 0 },
    fullUs: { label: "hub µs/event", digits: 1 },
    readySeconds: { label: "ready, s", digits: 2 },
  },
  run,
};

const WINDOW = 256;

async function run(setting: Setting): Promise<Row[]> {
  const rows: Row[] = [];
  for (const axis of setting.axes) {
    let first: Measures["values"] | null = null;
    for (const point of axis.points) {
      const at = `${point.toLocaleString("en")} ${axis.name}`;
      setting.say(`  ${at}\n`);
      const { values, ...checked } = await measure(shapeOf(axis, point), axis, setting).catch((why) => brokeOff(why, setting));
      first ??= values;
      const of = (key: string): number => (values[key] ?? Number.NaN) / (first?.[key] ?? Number.NaN);
      rows.push({ ...WAYBILL, at, ...checked, values: { ...values, hubRatio: of("hubUs"), p99Ratio: of("p99") } });
      setting.say(`    ${(values.hubUs ?? Number.NaN).toFixed(1)} µs of the hub per event, ${of("hubUs").toFixed(2)} of the first\n`);
    }
  }
  return rows;
}

async function measure(shape: Shape, axis: Axis, { events, rate, bytes, plant, supervisor, profile }: Setting): Promise<Measures> {
  using folder = await preparedFolder(shape, bytes);
  await using hub = await startBenchHub({ dataDir: folder.path, args: ["--ballast-mb", "1"], supervisor, profile });
  const readySeconds = await restarted(hub);
  const loads = [
    // As many at every point of an axis: one with fewer behind it would seem the dearer. Each queue had an event by then.
    { phase: "warm", events: Math.max(WARM_EVENTS, ...axis.points.map((point) => shapeOf(axis, point).queues)), rate: null },
    { phase: "full", events, rate: null },
    { phase: "paced", events, rate },
  ];
  const { queues, connections, producers, keys } = shape;
  const server = {
    access: accessTo(hub),
    cpuUs: async () => processCpuUs(hub.program.pid),
    faults: () => unsettledFaults(hub, shape.stored),
  };
  const stores = Array.from({ length: queues }, (_, store) => store);
  const how = { producers: Math.min(producers, queues), vendors: connections, window: WINDOW, own: true, keys };
  const crew = await startCrew({ server, supervisor, profile, plant, loads, stores, bytes, ...how });
  const idle = await startIdle(shape, server.access, supervisor);
  const measured = [];
  for (const load of loads) measured.push(await runLoad(crew, load));
  const [, full, paced] = measured;
  if (full === undefined || paced === undefined) throw new Error("Each point has three loads.");
  const { account, faults } = await crew.close();
  await idle?.stop();
  const { hubUs, p50, p99, perSecond: pacedPerSecond } = paced;
  return { values: { hubUs, p50, p99, pacedPerSecond, perSecond: full.perSecond, fullUs: full.hubUs, readySeconds }, account, faults };
}

/** Killed and started again: until it is ready. */
async function restarted(hub: RunningHub): Promise<number> {
  await hub.program.kill();
  const sinceMs = performance.now();
  await hub.restart();
  return (performance.now() - sinceMs) / 1_000;
}

async function startIdle(shape: Shape, access: Access, supervisor: Supervisor): Promise<Vendors | null> {
  if (shape.idle === 0) return null;
  const idle = await startVendors(supervisor, { access, expected: {}, plant: null });
  await idle.openAll(idleStores(shape).map((store) => [store]));
  return idle;
}

/** The other points are worth their time all the same; the run fails. */
async function brokeOff(why: unknown, { supervisor, signal }: Setting): Promise<Measures> {
  signal.throwIfAborted();
  for (const program of supervisor.programs.toReversed()) await program.stop();
  return { values: {}, account: noAccount, faults: [`broke off: ${String(why)}`] };
}
