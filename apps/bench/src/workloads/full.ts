/**
 * Nobody takes a store's events, and its queue is full: the hub refuses, and the publisher's outbox keeps what is refused. Another store's
 * events go on meanwhile. Then its vendor comes, and all of it goes through.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metricOf, metricsOf, startBenchHub } from "../crew/bench-hub.ts";
import { startProducers, startVendors } from "../crew/clients.ts";
import { runLoad, startCrew } from "../crew/crew.ts";
import { sourcesOf } from "../load/sources.ts";
import { settledMemoryMb } from "../measure/memory.ts";
import { serverOf } from "../peers/waybill/server.ts";
import { type Row, type Setting, WAYBILL, type Workload } from "../workload.ts";

export const full: Workload = {
  name: "full",
  summary: "A full queue refuses, the outbox keeps, other stores go on; and all goes through when its vendor comes.",
  defaults: { events: 50_000, stores: 4 },
  measures: {
    refused: { label: "refusals", digits: 0 },
    grownMb: { label: "grown MB", digits: 1 },
    throughputRatio: { label: "others' events/s, ratio", digits: 2 },
    throughSeconds: { label: "through after, s", digits: 1 },
    perSecond: { label: "events/s then", digits: 0 },
  },
  run,
};

const FULL_STORE = 1_000;
/** Of the events that are published into it, so many fit. */
const ROOM_SHARE = 0.1;
const LOOK_MS = 50;

async function run({ events, bytes, plant, profile, supervisor, ...setting }: Setting): Promise<Row[]> {
  const room = Math.max(1, Math.floor(events * ROOM_SHARE));
  // The others' vendors keep up: their queues are never so long.
  await using hub = await startBenchHub({ args: ["--queue-events-max", String(room)], supervisor, profile });
  const stores = Array.from({ length: setting.stores }, (_, store) => store);
  const loads = ["warm", "without", "with"].map((phase) => ({ phase, events, rate: null }));
  const server = serverOf(hub);
  const crew = await startCrew({ server, supervisor, profile, plant: null, loads, stores, bytes, producers: 2, vendors: 2, window: 256 });
  const [warm, without, withIt] = loads;
  if (warm === undefined || without === undefined || withIt === undefined) throw new Error("There are three loads.");
  await runLoad(crew, warm);
  const before = await runLoad(crew, without);
  const beforeMb = await settledMemoryMb(hub.program);

  const blocked = { phase: "blocked", events, producers: 1, stores: [FULL_STORE] };
  const { access } = server;
  const drivers = [hub.token({ role: "driver", sub: "blocked", driver: "blocked" })];
  const config = { access: { ...access, at: { ...access.at, drivers } }, producers: 1, shares: [] };
  const producer = await startProducers(supervisor, { ...config, stores: [FULL_STORE], bytes, window: events }, profile);
  const published = producer.publish({ phase: blocked.phase, events, rate: null });
  const refusals = async () => metricOf(await metricsOf(hub), "waybill_refused_total", '"QUEUE_FULL"');
  while ((await refusals()) === 0) await sleep(LOOK_MS);
  const during = await runLoad(crew, withIt);
  const memoryMb = await settledMemoryMb(hub.program);

  const { expected } = sourcesOf(blocked);
  const vendors = await startVendors(supervisor, { access, expected, plant }, profile);
  const atUs = await vendors.open([FULL_STORE]);
  await vendors.handled(blocked.phase, events);
  await published;
  await vendors.close();
  const { account, phases } = await vendors.report();
  const others = await crew.close();
  await Promise.all([vendors.stop(), producer.stop()]);
  const throughSeconds = ((phases[blocked.phase]?.lastUs ?? Number.POSITIVE_INFINITY) - atUs) / 1e6;
  const values = {
    refused: await refusals(),
    grownMb: memoryMb - beforeMb,
    throughputRatio: during.perSecond / before.perSecond,
    throughSeconds,
    perSecond: events / throughSeconds,
  };
  const { missing, twice, unknown, disorder } = others.account;
  const faults = [
    ...others.faults,
    ...(missing + twice + unknown + disorder === 0 ? [] : ["the other stores' vendors did not get what they had to"]),
  ];
  return [{ ...WAYBILL, at: "one queue full", values, account, faults }];
}
