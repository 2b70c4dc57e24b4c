/**
 * A consumer comes back to what it missed. Twice in a run: first a fresh server and a fresh process, whose code is not compiled yet
 * (`cold`); then another store of the same server by the same process, as where both have run for days.
 */
import { startProducers, startVendors, type Vendors } from "../crew/clients.ts";
import { type Filling, filledWith } from "../load/fill-folder.ts";
import { watchMemory } from "../measure/memory.ts";
import type { Peer, PeerServer } from "../peers/peer.ts";
import type { Measures, Setting, Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";

export const drain: Workload = {
  name: "drain",
  summary: "A consumer back after so many missed events of one store catches up.",
  defaults: { events: 200_000, stores: 1 },
  fits: ({ keeps, name }) => keeps && name !== "waybill-file",
  measures: {
    perSecond: { label: "events/s", digits: 0 },
    coldPerSecond: { label: "events/s, cold", digits: 0 },
    hubUs: { label: "server µs/event", digits: 1 },
    vendorUs: { label: "consumer µs/event", digits: 1 },
    memoryMb: { label: "server MB", digits: 0 },
    grownMb: { label: "grown MB", digits: 1 },
    peakMb: { label: "peak MB", digits: 0 },
  },
  run: sideBySide(runOn),
};

type Fill = Omit<Filling, "folder">;
const WINDOW = 256;

async function runOn(peer: Peer, setting: Setting): Promise<Measures> {
  const { plant, profile, supervisor } = setting;
  const events = Math.ceil(setting.events * peer.share);
  const cold: Fill = { phase: "cold", events, bytes: setting.bytes, stores: [0] };
  const warm: Fill = { ...cold, phase: "warm", stores: [1] };
  await using server = await startFilled(peer, [cold, warm], setting);
  const { access, pid } = server;
  const expected = { ...filledWith(cold), ...filledWith(warm) };
  const vendors = await startVendors(supervisor, { access, expected, plant }, profile);

  const coldAtUs = await drained(vendors, cold);
  const beforeMb = await server.memoryMb();
  const [serverBefore, { cpuUs: vendorBefore }] = [await server.cpuUs(), await vendors.report()];
  const watch = watchMemory(pid);
  const warmAtUs = await drained(vendors, warm);
  const peakMb = await watch.stop();
  const [serverAfter, { cpuUs: vendorAfter }] = [await server.cpuUs(), await vendors.report()];
  const memoryMb = await server.memoryMb();

  await vendors.close();
  const { account, phases } = await vendors.report();
  const perSecond = (phase: string, atUs: number): number => (events / ((phases[phase]?.lastUs ?? Number.POSITIVE_INFINITY) - atUs)) * 1e6;
  const values = {
    perSecond: perSecond("warm", warmAtUs),
    coldPerSecond: perSecond("cold", coldAtUs),
    hubUs: (serverAfter - serverBefore) / events,
    vendorUs: (vendorAfter - vendorBefore) / events,
    memoryMb,
    grownMb: memoryMb - beforeMb,
    peakMb,
  };
  const faults = await server.faults();
  await vendors.stop();
  return { values, account, faults };
}

/** Each filling by one producer, before any consumer comes. */
async function startFilled(peer: Peer, fillings: readonly Fill[], { supervisor, profile, bytes }: Setting): Promise<PeerServer> {
  if (peer.startFilled !== undefined) return peer.startFilled({ supervisor, profile, fillings });
  const server = await peer.start({ supervisor, profile });
  const stores = fillings.flatMap((filling) => filling.stores);
  const shares = fillings.map((filling) => [...filling.stores]);
  const producers = await startProducers(supervisor, { access: server.access, producers: 1, stores, shares, bytes, window: WINDOW });
  for (const { phase, events, stores: own } of fillings) await producers.publish({ phase, events, stores: [...own], rate: null });
  await producers.close();
  await producers.stop();
  return server;
}

/** Answers when the consumer began to connect. */
async function drained(vendors: Vendors, { phase, events, stores }: Fill): Promise<number> {
  const atUs = await vendors.open(stores);
  await vendors.handled(phase, events);
  return atUs;
}
