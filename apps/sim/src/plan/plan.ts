/** What happens in one schedule, drawn from its seed before anything runs: the settings, the load, and the faults, each with its time. */
import { type Chance, createChance } from "@waybill/testkit";
import type { RepairName } from "../bugs/catalogue.ts";
import { drawFault } from "./faults.ts";
import { delayed, drawLoad, receipted } from "./load.ts";
import { drawSize, type Range, type Size } from "./size.ts";
import { type Step, storesOf, type Vendor } from "./step.ts";

/** From an event's publishing: while it is written and confirmed, offered and handled, tried again. */
const AROUND_MS: readonly Range[] = [
  [-20, 50],
  [0, 400],
  [0, 400],
  [0, 2_500],
];

export type Settings = {
  hub: {
    leaseMs: number;
    offerMs: number;
    idleMs: number;
    failedMax: number;
    interruptedMax: number;
    drainMs: number;
    backoffMs: number;
    backoffMaxMs: number;
  };
  engine: { windowEventsMax: number; keyWaitingMax: number; deadLettersMax: number };
  network: { latencyMs: number; jitterMs: number; pingIntervalMs: number; pingTimeoutMs: number };
  client: { reconnectMs: number; reconnectMsMax: number; answerMs: number };
  /** Credit of a vendor; `null`: all that the hub gives. */
  creditEvents: number | null;
  concurrency: number;
  syncMs: number;
  /** At the end, dead letters are sent again until there are none. */
  redrives: boolean;
  /** How often of 1 a handler does anything but work at once. */
  badHandlers: number;
  /** Outboxes in memory: what is not confirmed dies with its program. */
  memoryOutboxes: boolean;
};

export type Plan = {
  seed: number;
  /** Of a plan that is kept: the repair without which it is red. */
  guards?: RepairName;
  settings: Settings;
  faultsMs: number;
  drivers: string[];
  vendors: Vendor[];
  steps: Step[];
};

export function drawPlan(seed: number): Plan {
  const chance = createChance(`plan/${seed}`);
  const size = drawSize(chance);
  const faultsMs = chance.int(...size.seconds) * 1_000;
  const drivers = ["d1", "d2", "d3"].slice(0, chance.int(...size.drivers));
  const vendors = drawVendors(chance, size);
  const loadMs = Math.min(faultsMs, chance.pick(size.loadMs));
  const fromMs = chance.int(0, faultsMs - loadMs);
  const crowd = { drivers, vendors, fromMs, untilMs: fromMs + loadMs, size };
  const load = receipted(chance.split("receipts"), delayed(chance.split("delays"), drawLoad(chance.split("load"), crowd)));
  const faults = drawFaults(chance.split("faults"), {
    names: [...drivers, ...vendors.map(({ name }) => name)],
    untilMs: faultsMs,
    size,
    load,
  });
  const steps = [...load, ...faults].map((step) => ({ ...step, atMs: Math.min(step.atMs, faultsMs) })).sort((a, b) => a.atMs - b.atMs);
  return { seed, settings: drawSettings(chance.split("settings")), faultsMs, drivers, vendors, steps };
}

function drawSettings(chance: Chance): Settings {
  const leaseMs = chance.pick([1_500, 4_000, 10_000]);
  return {
    hub: {
      leaseMs,
      offerMs: chance.pick([1_000, 3_000]),
      idleMs: chance.pick([1_000, 5_000, 60_000]),
      failedMax: chance.pick([1, 2, 3, 5]),
      interruptedMax: chance.pick([1, 2, 3, 5]),
      drainMs: chance.pick([0, 300, 3_000]),
      backoffMs: chance.pick([20, 200, 1_000]),
      backoffMaxMs: chance.pick([1_000, 3_000]),
    },
    engine: {
      windowEventsMax: chance.pick([2, 4, 8, 64]),
      keyWaitingMax: chance.pick([1, 2, 64]),
      deadLettersMax: chance.pick([1, 3, 1_000]),
    },
    network: {
      latencyMs: chance.pick([0, 1, 20, 80]),
      jitterMs: chance.pick([0, 2, 60]),
      ...chance.pick([
        { pingIntervalMs: 2_000, pingTimeoutMs: 1_000 },
        { pingIntervalMs: 10_000, pingTimeoutMs: 5_000 },
      ]),
    },
    client: { reconnectMs: chance.pick([50, 300]), reconnectMsMax: 2_000, answerMs: chance.pick([1_500, 5_000]) },
    creditEvents: chance.pick([null, 1, 2, 5]),
    concurrency: chance.pick([1, 2, 16]),
    syncMs: chance.pick([0.2, 2, 40]),
    redrives: chance.hit(0.7),
    badHandlers: chance.pick([0, 0.3, 0.6, 0.8]),
    memoryOutboxes: chance.hit(0.15),
  };
}

function drawVendors(chance: Chance, size: Size): Vendor[] {
  const main = chance.pick(size.vendors);
  if (!chance.hit(size.tail)) return [...main];
  return [...main, { name: "t1", stores: storesOf(main), group: "tail" }];
}

type Day = { names: string[]; untilMs: number; size: Size; load: readonly Step[] };

/** A kind that is drawn once is likely to be drawn again. */
function drawFaults(chance: Chance, { names, untilMs, size, load }: Day): Step[] {
  const count = chance.hit(size.calm) ? chance.int(0, 1) : chance.int(...size.faults);
  const drawAtMs = (): number =>
    chance.hit(size.timely) ? Math.max(0, chance.pick(load).atMs + chance.int(...chance.pick(AROUND_MS))) : chance.int(50, untilMs);
  return Array.from({ length: count }, () => ({ atMs: drawAtMs(), fault: drawFault(chance, names) }));
}
