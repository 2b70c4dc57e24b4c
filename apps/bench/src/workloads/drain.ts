/**
 * A vendor comes back to what it missed. Twice in a run: first a fresh hub and a fresh process, whose code is not compiled yet (`cold`);
 * then another store of the same hub by the same process, as where both have run for days.
 */
import { cpuUsOf, pendingOf, startBenchHub, tempFolder } from "../crew/bench-hub.ts";
import { startVendors, type Vendors } from "../crew/clients.ts";
import { type Filling, filledWith, fillFolder } from "../load/fill-folder.ts";
import { settledMemoryMb, watchMemory } from "../measure/memory.ts";
import { PEER, type Row, type Setting, SYNCED, type Workload } from "../workload.ts";

export const drain: Workload = {
  name: "drain",
  summary: "A vendor back after so many missed events of one store catches up through the SDK.",
  defaults: { events: 200_000, stores: 1 },
  durable: SYNCED,
  measures: {
    perSecond: { label: "events/s", digits: 0 },
    coldPerSecond: { label: "events/s, cold", digits: 0 },
    hubUs: { label: "hub µs/event", digits: 1 },
    vendorUs: { label: "vendor µs/event", digits: 1 },
    memoryMb: { label: "hub MB", digits: 0 },
    grownMb: { label: "grown MB", digits: 1 },
    peakMb: { label: "peak MB", digits: 0 },
  },
  run,
};

async function run({ events, bytes, plant, profile, supervisor }: Setting): Promise<Row[]> {
  using folder = tempFolder();
  const cold: Filling = { folder: folder.path, phase: "cold", events, bytes, stores: [0] };
  const warm: Filling = { ...cold, phase: "warm", stores: [1] };
  await fillFolder(cold);
  await fillFolder(warm);
  await using hub = await startBenchHub({ dataDir: folder.path, args: ["--ballast-mb", "1"], supervisor, profile });
  const token = hub.token({ role: "vendor", sub: "bench", stores: "*" });
  const expected = { ...filledWith(cold), ...filledWith(warm) };
  const vendors = await startVendors(supervisor, { url: hub.url, token, expected, plant }, profile);

  const coldAtUs = await drained(vendors, cold);
  const beforeMb = await settledMemoryMb(hub.program);
  const [hubBefore, { cpuUs: vendorBefore }] = [await cpuUsOf(hub), await vendors.report()];
  const watch = watchMemory(hub.program.pid);
  const warmAtUs = await drained(vendors, warm);
  const peakMb = await watch.stop();
  const [hubAfter, { cpuUs: vendorAfter }] = [await cpuUsOf(hub), await vendors.report()];
  const memoryMb = await settledMemoryMb(hub.program);

  await vendors.close();
  const { account, phases } = await vendors.report();
  const perSecond = (phase: string, atUs: number): number => (events / ((phases[phase]?.lastUs ?? Number.POSITIVE_INFINITY) - atUs)) * 1e6;
  const values = {
    perSecond: perSecond("warm", warmAtUs),
    coldPerSecond: perSecond("cold", coldAtUs),
    hubUs: (hubAfter - hubBefore) / events,
    vendorUs: (vendorAfter - vendorBefore) / events,
    memoryMb,
    grownMb: memoryMb - beforeMb,
    peakMb,
  };
  const pending = await pendingOf(hub);
  await vendors.stop();
  return [{ peer: PEER, at: "one store", values, account, faults: pending === 0 ? [] : [`${pending} events are not settled`] }];
}

/** Answers when the vendor began to connect. */
async function drained(vendors: Vendors, { phase, events, stores }: Filling): Promise<number> {
  const atUs = await vendors.open(stores);
  await vendors.handled(phase, events);
  return atUs;
}
