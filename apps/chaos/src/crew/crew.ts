/** All processes of a run: one hub, and drivers and vendors of every kind, each behind a network of its own. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { limits } from "@waybill/events";
import { type Chance, type ClaimsToSign, openHistory, ownPort, ProgramEndedError, type Supervisor } from "@waybill/testkit";
import type { WorkerConfig } from "../workers/worker-config.ts";
import { type HubProcess, startHubProcess } from "./hub-process.ts";
import { type OldStoreProgram, openOldStoreProgram } from "./old-store-program.ts";
import { signOldToken } from "./sign-old-token.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

export type CrewOptions = {
  supervisor: Supervisor;
  dir: string;
  seed: number;
  rate: number;
  storage: "sqlite" | "memory";
  hubBug: string | null;
  clientBug: string | null;
  chance: Chance;
  hubEnv: NodeJS.ProcessEnv;
  /** A client in Python takes part. */
  hasPython: boolean;
  /** Older clients take part: their packages are installed. */
  oldClients: boolean;
  /** The hub ended by itself. It is started again. */
  onHubEnd(why: string): void;
  /** A client process ended by an error of its own: the run cannot be judged. */
  onCrash(error: Error): void;
};

export type Crew = {
  hub: HubProcess;
  workers: readonly WorkerProcess[];
  stores: readonly string[];
  effectsDir: string;
  /** Of every vendor's socket, the stores that it speaks for. */
  vendors: ReadonlyMap<string, readonly string[]>;
  /** Of the store of old parcel clients, where they take part. */
  oldStore: OldStoreProgram | null;
};

/** Short enough that leases end, retries come and attempts are used up within seconds. */
export const LEASE_MS = 2_000;
/** The hub's, as it is started here. */
export const attemptLimits = { failedMax: 6, interruptedMax: limits.interruptedMax } as const;
const hubFlags = [
  ...["--lease", `${LEASE_MS}ms`, "--backoff", "20ms", "--backoff-max", "200ms", "--ballast-mb", "1"],
  ...["--failed-max", String(attemptLimits.failedMax)],
  // The wall clock jumps by years: what was settled must still be there for the audit.
  ...["--retention", "36500d", "--retention-events-max", "1000000000"],
];
/** So little memory that whatever grows with the backlog or the time ends the hub (F14); it needs a third of it. */
const HEAP_MB = 256;
const hubNodeArgs = [`--max-old-space-size=${HEAP_MB}`, "--import", new URL("../faults/before-hub.ts", import.meta.url).href];
/** Of all events, how much goes over the plain wire, over that of each older client, over that in Python, and over bare frames. */
const PLAIN_RATE = 40;
const OLD_RATE = 20;
const PYTHON_RATE = 10;
const FENCE_RATE = 24;

const stores = Array.from({ length: 32 }, (_, index) => `s-${String(index).padStart(2, "0")}`);
const plainStores = ["plain-0", "plain-1"];
const fenceStores = ["fence-0", "fence-1", "fence-2"];
const pythonStores = ["python-0"];
/** Processes on an older Socket.IO client: of which package. */
export const oldSockets = { "old-3": "socket.io-client-3", "old-4": "socket.io-client-4.0" } as const;
/** The store of old parcel clients, on the older of them. */
const CAPS_STORE = "caps-0";
const CAPS_RATE = 5;

export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { supervisor, dir, seed, storage, hubBug, clientBug, chance } = options;
  const effectsDir = join(dir, "effects");
  mkdirSync(effectsDir, { recursive: true });
  const capsPort = options.oldClients ? await ownPort() : null;
  const capsFlags = capsPort === null ? [] : ["--caps-port", String(capsPort), "--caps-stores", CAPS_STORE];
  const hub = await startHubProcess({
    supervisor,
    dataDir: join(dir, "hub"),
    args: [...hubFlags, ...capsFlags, "--storage", storage],
    bug: hubBug,
    env: options.hubEnv,
    nodeArgs: hubNodeArgs,
    log: openHistory(join(dir, "hub-log.jsonl")),
    onEnd: (exit, program) => options.onHubEnd(new ProgramEndedError(program, exit).message),
  });

  const token = (claims: ClaimsToSign) => signOldToken(hub.hub.dataDir, claims);
  const driver = (name: string) => ({ name, token: token({ sub: name, role: "driver", driver: name }) });
  const vendor = (name: string, mine: readonly string[]) => ({
    name,
    stores: [...mine],
    token: token({ sub: name, role: "vendor", stores: [...mine] }),
  });
  const common = {
    effectsDir,
    seed,
    startedAtMs: Date.now(),
    leaseMs: LEASE_MS,
    stores: [...stores, ...plainStores],
    hotStore: "s-03",
    churns: false,
    rate: 0,
    drivers: [],
    vendors: [],
    stranger: null,
    bug: clientBug,
  };
  const perProcess = options.rate / 2;
  const configs: (Pick<WorkerConfig, "kind" | "name"> & Partial<WorkerConfig>)[] = [
    { kind: "vendor", name: "vendor-0", vendors: [vendor("vendor-0", stores.slice(0, 16))], churns: true },
    { kind: "vendor", name: "vendor-1", vendors: [vendor("vendor-1", stores.slice(16))] },
    { kind: "driver", name: "driver-0", drivers: [driver("d0a"), driver("d0b")], rate: perProcess },
    { kind: "driver", name: "driver-1", drivers: [driver("d1a"), driver("d1b")], rate: perProcess },
    {
      kind: "plain",
      name: "plain-0",
      drivers: [driver("p0")],
      vendors: [vendor("plain-vendor", plainStores)],
      rate: PLAIN_RATE,
      hotStore: "plain-0",
    },
    {
      kind: "fence",
      name: "fence-0",
      drivers: [driver("f0")],
      vendors: [vendor("fence-a", fenceStores), vendor("fence-b", fenceStores)],
      stores: fenceStores,
      rate: FENCE_RATE,
    },
  ];
  if (options.hasPython) {
    const seat = vendor("python-vendor", pythonStores);
    configs.push({ kind: "python", name: "python-0", drivers: [driver("py0")], vendors: [seat], rate: PYTHON_RATE });
  }
  for (const [name, stranger] of options.oldClients ? Object.entries(oldSockets) : []) {
    const mine = [`${name}-0`, `${name}-1`];
    const seats = { drivers: [driver(`${name}-driver`)], vendors: [vendor(`${name}-vendor`, mine)] };
    configs.push({ kind: "plain", name, stranger, ...seats, rate: OLD_RATE, hotStore: `${name}-0` });
  }
  if (capsPort !== null)
    configs.push({ kind: "caps", name: CAPS_STORE, stranger: oldSockets["old-3"], stores: [CAPS_STORE], rate: CAPS_RATE });
  const workers = await Promise.all(
    configs.map((config) =>
      startWorker({
        supervisor,
        hubPort: config.kind === "caps" && capsPort !== null ? capsPort : hub.hub.port,
        chance: chance.split(config.name).next,
        config: { ...common, ...config, dir: join(dir, config.name) },
        onCrash: (exit, program) => options.onCrash(new ProgramEndedError(program, exit)),
      }),
    ),
  );
  const seats = configs.flatMap((config) => config.vendors ?? []);
  const vendors = new Map(seats.flatMap(({ name, stores: mine }) => [name, `${name}-second`].map((one) => [one, mine] as const)));
  const published = new Set(seats.flatMap((seat) => seat.stores));
  const program = { url: hub.hub.url, token: vendor("caps-program", [CAPS_STORE]).token, store: CAPS_STORE };
  const oldStore = options.oldClients ? await openOldStoreProgram(program) : null;
  return { hub, workers, stores: [...published], effectsDir, vendors, oldStore };
}
