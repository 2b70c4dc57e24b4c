/** What happens in one schedule, drawn from its seed before anything runs: the settings, the load, and the faults, each with its time. */
import { type Chance, createChance } from "@waybill/testkit";
import { drawFault } from "./faults.ts";
import { delayed, drawLoad } from "./load.ts";
import { type Step, stores, type Vendor } from "./step.ts";

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
  /** Of group `tail`; `main` blocks. */
  tailPolicy: "block" | "skip";
  /** At the end, dead letters are sent again until there are none. */
  redrives: boolean;
  /** How often of 1 a handler does anything but work at once. */
  badHandlers: number;
  /** Outboxes in memory: what is not confirmed dies with its program. */
  memoryOutboxes: boolean;
};

export type Plan = { seed: number; settings: Settings; faultsMs: number; drivers: string[]; vendors: Vendor[]; steps: Step[] };

export function drawPlan(seed: number): Plan {
  const chance = createChance(`plan/${seed}`);
  const faultsMs = chance.int(3, 12) * 1_000;
  const drivers = ["d1", "d2", "d3"].slice(0, chance.int(2, 3));
  const vendors = drawVendors(chance);
  const load = delayed(chance.split("delays"), drawLoad(chance.split("load"), { drivers, vendors, untilMs: faultsMs }));
  const faults = drawFaults(chance.split("faults"), { names: [...drivers, ...vendors.map(({ name }) => name)], untilMs: faultsMs });
  const steps = [...load, ...faults].sort((a, b) => a.atMs - b.atMs);
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
    tailPolicy: chance.pick(["block", "skip"]),
    redrives: chance.hit(0.7),
    badHandlers: chance.pick([0, 0.15, 0.4, 0.8]),
    memoryOutboxes: chance.hit(0.15),
  };
}

function drawVendors(chance: Chance): Vendor[] {
  const main: Vendor[] = chance.pick([
    [
      { name: "v1", stores: ["s1"], group: "main" },
      { name: "v2", stores: ["s2"], group: "main" },
    ],
    [{ name: "v1", stores, group: "main" }],
    [
      { name: "v1", stores, group: "main" },
      { name: "v2", stores, group: "main" },
    ],
    [
      { name: "v1", stores, group: "main" },
      { name: "v2", stores: ["s2"], group: "main" },
    ],
  ]);
  return chance.hit(0.6) ? [...main, { name: "t1", stores, group: "tail" }] : main;
}

/** A quarter of the schedules is nearly calm; a kind that is drawn once is likely to be drawn again. */
function drawFaults(chance: Chance, { names, untilMs }: { names: string[]; untilMs: number }): Step[] {
  const count = chance.hit(0.25) ? chance.int(0, 1) : chance.int(2, 10);
  return Array.from({ length: count }, () => ({ atMs: chance.int(50, untilMs), fault: drawFault(chance, names) }));
}
