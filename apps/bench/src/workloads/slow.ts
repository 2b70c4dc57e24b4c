/**
 * One store's vendor does not keep up, with a great many events waiting for it, while other stores' vendors go on. Each situation has a hub
 * of its own: its memory and the others' load are measured before the slow vendor comes, and again while it is there. `nobody` is the
 * control: the same hub, the same two loads, and no such vendor.
 */
import { createAdmin } from "@waybill/client";
import type { RunningHub } from "@waybill/testkit";
import { startBenchHub, type TempFolder, tempFolder } from "../crew/bench-hub.ts";
import { startVendors, type Vendors } from "../crew/clients.ts";
import { type Measured, runLoad, startCrew } from "../crew/crew.ts";
import { storeQueue } from "../load/bench-event.ts";
import { fillFolder } from "../load/fill-folder.ts";
import { settledMemoryMb } from "../measure/memory.ts";
import { noFaults } from "../peers/peer.ts";
import { accessTo, serverOf } from "../peers/waybill/server.ts";
import { type Row, type Setting, WAYBILL, type Workload } from "../workload.ts";

export const slow: Workload = {
  name: "slow",
  summary:
    "A vendor that stopped reading, that is paused or slow, or whose handlers never return, with so many events waiting, beside others that go on.",
  defaults: { events: 1_000_000, stores: 8 },
  measures: {
    memoryMb: { label: "hub MB", digits: 0 },
    grownMb: { label: "grown MB", digits: 1 },
    extraMb: { label: "more than control, MB", digits: 1 },
    throughputRatio: { label: "others' events/s, ratio", digits: 2 },
    p50Ratio: { label: "p50 ratio", digits: 2 },
    p99Ratio: { label: "p99 ratio", digits: 2 },
    perSecond: { label: "others' events/s", digits: 0 },
  },
  run,
};

const SLOW_STORE = 1_000;
const PACE_PER_SECOND = 1_000;
/** What the others publish in each round; enough to compare, and little beside what waits. */
const LOAD_EVENTS_MAX = 20_000;

/** Sixteen at once: 160 events a second of a million. */
const HANDLER_MS = 100;

type BeSlow = (vendors: Vendors, hub: RunningHub) => Promise<unknown>;
/** The last one settles some of what waits. */
const situations: Record<string, BeSlow> = {
  nobody: async () => {},
  "stopped reading": async (vendors) => {
    await vendors.open([SLOW_STORE]);
    vendors.freeze();
  },
  "never returns": (vendors) => vendors.open([SLOW_STORE], { hangs: true }),
  paused: async (vendors, hub) => {
    await vendors.open([SLOW_STORE], { hangs: true });
    await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin", sub: "bench" }) });
    await admin.pause({ queue: storeQueue(SLOW_STORE) });
  },
  slow: (vendors) => vendors.open([SLOW_STORE], { takesMs: HANDLER_MS }),
};

type Situation = { at: string; beSlow: BeSlow; folder: TempFolder };
type Loads = { fast: Measured; paced: Measured };

async function run(setting: Setting): Promise<Row[]> {
  using folder = tempFolder();
  await fillFolder({ folder: folder.path, phase: "fill", events: setting.events, bytes: setting.bytes, stores: [SLOW_STORE] });
  const rows: Row[] = [];
  for (const [at, beSlow] of Object.entries(situations)) rows.push(await measure(setting, { at, beSlow, folder }));
  const control = rows[0]?.values.grownMb ?? 0;
  return rows.map((row) => ({ ...row, values: { ...row.values, extraMb: (row.values.grownMb ?? 0) - control } }));
}

async function measure(setting: Setting, { at, beSlow, folder }: Situation): Promise<Row> {
  const { profile, supervisor, plant, bytes } = setting;
  await using hub = await startBenchHub({ dataDir: folder.path, args: ["--ballast-mb", "1"], supervisor, profile });
  const events = Math.min(LOAD_EVENTS_MAX, setting.events);
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const loadsOf = (name: string) => [
    { phase: `${name}fast`, events, rate: null },
    { phase: `${name}paced`, events: Math.min(3 * PACE_PER_SECOND, events), rate: PACE_PER_SECOND },
  ];
  const names = ["warm", "without", "with"];
  const crew = await startCrew({
    // What the slow vendor leaves is no fault: only the others' take is judged.
    ...{ server: { ...serverOf(hub), faults: noFaults }, supervisor, profile, plant, stores, bytes, producers: 2, vendors: 2, window: 256 },
    loads: names.flatMap(loadsOf),
  });
  const runLoads = async (name: string): Promise<Loads> => {
    const measured: Measured[] = [];
    for (const load of loadsOf(name)) measured.push(await runLoad(crew, load));
    const [fast, paced] = measured;
    if (fast === undefined || paced === undefined) throw new Error("Each round has two loads.");
    return { fast, paced };
  };

  await runLoads("warm");
  const without = await runLoads("without");
  const beforeMb = await settledMemoryMb(hub.program);
  const slowOne = await startSlow(hub, setting);
  await beSlow(slowOne, hub);
  const withIt = await runLoads("with");
  const memoryMb = await settledMemoryMb(hub.program);
  await slowOne.stop();
  const { account } = await crew.close();
  return {
    ...WAYBILL,
    at,
    account,
    faults: [],
    values: {
      memoryMb,
      grownMb: memoryMb - beforeMb,
      throughputRatio: withIt.fast.perSecond / without.fast.perSecond,
      p50Ratio: withIt.paced.p50 / without.paced.p50,
      p99Ratio: withIt.paced.p99 / without.paced.p99,
      perSecond: withIt.fast.perSecond,
    },
  };
}

const startSlow = (hub: RunningHub, { supervisor }: Setting): Promise<Vendors> =>
  startVendors(supervisor, { access: accessTo(hub), expected: {}, plant: null });
