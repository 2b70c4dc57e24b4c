/** The processes of a replay: one hub, some driver and vendor workers. Knows how far they all are, and kills them on demand. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Chance,
  type Exit,
  hash32,
  type JsonLine,
  type Program,
  ProgramEndedError,
  type RunningHub,
  type Supervisor,
  startHub,
} from "@waybill/testkit";
import type { PlannedParcel } from "../plan/planned-parcel.ts";
import type { KillKind } from "./kill-plan.ts";
import type { Counts } from "./worker.ts";
import type { DriverConfig, Pacing, VendorConfig } from "./worker-config.ts";

export type CrewOptions = {
  supervisor: Supervisor;
  dir: string;
  plan: readonly PlannedParcel[];
  planFile: string;
  seed: number;
  driverProcesses: number;
  driversEach: number;
  vendorProcesses: number;
  race: boolean;
  hubArgs: readonly string[];
  pace: Pacing;
  /** Any count moved. */
  onProgress(): void;
  /** A process ended by itself: the replay cannot be whole. */
  onCrash(error: ProgramEndedError): void;
};

export type Crew = {
  counts(): Counts;
  /** A worker is not there yet, or not again. */
  isStarting(): boolean;
  /** The stores may ask for so many of the day's parcels. */
  open(places: number): void;
  /** SIGKILL and restart: the hub, or a worker drawn by chance. A worker that is still starting is waited for first. */
  kill(kind: KillKind, chance: Chance): Promise<void>;
  /** SIGTERM, in an order in which everyone can still say goodbye. */
  stop(): Promise<void>;
  readonly historyFiles: readonly string[];
  readonly effectFiles: readonly string[];
};

const WORKER_READY_MS = 120_000;
type Worker = { program: Program; ready: Promise<unknown> };

export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { supervisor, dir, plan, planFile, seed, pace, onProgress } = options;
  const onCrash = (exit: Exit, program: Program) => options.onCrash(new ProgramEndedError(program, exit));
  const hub = await startHub({ supervisor, dataDir: join(dir, "hub"), args: options.hubArgs, onCrash });

  let starting = 0;
  /** Resolves, too, when the worker ends: that is told by `onCrash`, or was asked for. */
  async function whenReady(program: Program): Promise<void> {
    starting += 1;
    await program.awaitLine((line) => line.msg === "ready", { timeoutMs: WORKER_READY_MS }).catch(() => null);
    starting -= 1;
  }

  const latest = new Map<string, Counts>();
  function hear(line: JsonLine, { name }: Program): void {
    const { msg, confirmed, owed, applied } = line;
    if (msg !== "progress") return;
    const before = latest.get(name) ?? { confirmed: 0, owed: 0, applied: 0 };
    // A worker counts from its files as it starts: until it has read them all, it tells less than before.
    const most = (was: number, now: unknown) => Math.max(was, Number(now) || 0);
    latest.set(name, {
      confirmed: most(before.confirmed, confirmed),
      owed: most(before.owed, owed),
      applied: most(before.applied, applied),
    });
    onProgress();
  }

  function start(kind: "driver" | "vendor", config: DriverConfig | VendorConfig): Worker {
    mkdirSync(config.dir, { recursive: true });
    const configFile = join(config.dir, "config.json");
    writeFileSync(configFile, JSON.stringify(config));
    const script = fileURLToPath(new URL(`./${kind}-worker.ts`, import.meta.url));
    const program = supervisor.start({ name: config.name, script, args: [configFile], onLine: hear, onCrash });
    return { program, ready: whenReady(program) };
  }

  const common = (name: string, index: number, of: number) => ({
    name,
    url: hub.url,
    dir: join(dir, name),
    planFile,
    seed,
    index,
    of,
    pace,
  });
  const vendors = Array.from({ length: options.vendorProcesses }, (_, index) => {
    const config = vendorConfig(common(`vendor-${index}`, index, options.vendorProcesses), plan, hub);
    return start("vendor", config);
  });
  const drivers = Array.from({ length: options.driverProcesses }, (_, index) => {
    const config = driverConfig(common(`driver-${index}`, index, options.driverProcesses), options, hub);
    return start("driver", config);
  });
  const workers = [...vendors, ...drivers];

  let opened = 0;

  async function killWorker(worker: Worker): Promise<void> {
    await worker.ready;
    await worker.program.kill();
    worker.program.restart();
    worker.program.tell({ open: opened });
    worker.ready = whenReady(worker.program);
  }

  return {
    isStarting: () => starting > 0,
    counts() {
      const sum = { confirmed: 0, owed: 0, applied: 0 };
      for (const { confirmed, owed, applied } of latest.values()) {
        sum.confirmed += confirmed;
        sum.owed += owed;
        sum.applied += applied;
      }
      return sum;
    },
    open(places) {
      opened = places;
      for (const { program } of workers) program.tell({ open: places });
    },
    async kill(kind, chance) {
      if (kind === "hub") await hub.killAndRestart();
      else await killWorker(chance.pick(kind === "driver" ? drivers : vendors));
    },
    async stop() {
      await Promise.all(workers.map(({ program }) => program.stop()));
      await hub.close();
    },
    historyFiles: workers.map(({ program }) => join(dir, program.name, "history.jsonl")),
    effectFiles: vendors.map(({ program }) => join(dir, program.name, "effects.jsonl")),
  };
}

type Common = Pick<DriverConfig, "name" | "url" | "dir" | "planFile" | "seed" | "index" | "of" | "pace">;

function vendorConfig(common: Common, plan: readonly PlannedParcel[], hub: RunningHub): VendorConfig {
  const mine = new Set(plan.map(({ store }) => store).filter((store) => hash32(store) % common.of === common.index));
  return {
    ...common,
    officeToken: hub.token({ sub: `office-${common.index}`, role: "vendor", stores: "*" }),
    stores: [...mine].map((id) => ({ id, token: hub.token({ sub: `vendor-${id}`, role: "vendor", stores: [id] }) })),
  };
}

/** The busiest zone is every driver's; the others are spread over the drivers of each process. In a race all run for all. */
function driverConfig(common: Common, { plan, driversEach, race }: CrewOptions, hub: RunningHub): DriverConfig {
  const parcels = new Map<string, number>();
  for (const { zone } of plan) parcels.set(zone, (parcels.get(zone) ?? 0) + 1);
  const zones = [...parcels].sort(([, a], [, b]) => b - a).map(([zone]) => zone);
  const drivers = Array.from({ length: driversEach }, (_, n) => {
    const id = `driver-${common.index}-${n}`;
    const mine = zones.filter((_zone, rank) => race || rank === 0 || rank % driversEach === n);
    return { id, token: hub.token({ sub: id, role: "driver", driver: id }), zones: mine };
  });
  return { ...common, drivers, race };
}
