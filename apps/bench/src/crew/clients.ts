/** Consumers and producers in processes of their own, as the bench talks to them. */
import { fileURLToPath } from "node:url";
import type { JsonLine, Program, Supervisor } from "@waybill/testkit";
import { z } from "zod";
import { type Profiling, profilingArgs } from "../measure/profiling.ts";
import type { CrowdConfig, CrowdJob } from "../workers/crowd-worker.ts";
import type { ProducerConfig, ProducerJob } from "../workers/producer-worker.ts";
import type { VendorConfig, VendorJob } from "../workers/vendor-worker.ts";

const JOB_MS = 600_000;
/** Nothing new for so long: what is missing does not come any more. */
const STALL_MS = 60_000;

const reportSchema = z.object({
  account: z.object({ handled: z.int(), missing: z.int(), twice: z.int(), unknown: z.int(), disorder: z.int() }),
  phases: z.record(
    z.string(),
    z.object({ handled: z.int(), firstUs: z.number(), lastUs: z.number(), p50: z.number(), p99: z.number(), p999: z.number() }),
  ),
  cpuUs: z.number(),
});
export type VendorReport = z.output<typeof reportSchema>;
const publishedSchema = z.object({ startUs: z.number(), endUs: z.number(), cpuUs: z.number() });
const openedSchema = z.object({ atUs: z.number() });
const handledSchema = z.record(z.string(), z.int());

type Client = { program: Program; handled(): Readonly<Record<string, number>>; job(line: object): Promise<JsonLine> };

async function start(
  supervisor: Supervisor,
  name: "vendor" | "producer" | "crowd",
  config: object,
  profile: Profiling | undefined,
): Promise<Client> {
  let handled: Record<string, number> = {};
  const program = supervisor.start({
    name,
    script: fileURLToPath(new URL(`../workers/${name}-worker.ts`, import.meta.url)),
    nodeArgs: profilingArgs(profile),
    onLine: (line) => {
      if (line.msg === "progress") handled = handledSchema.parse(line.handled);
    },
  });
  const says = (msg: string) => program.awaitLine((line) => line.msg === msg, { timeoutMs: JOB_MS });
  program.tell(config);
  await says("ready");
  return {
    program,
    handled: () => handled,
    job(line) {
      program.tell(line);
      return says("done");
    },
  };
}

export type Vendors = {
  readonly pid: number;
  stop(): Promise<void>;
  /** It does nothing from now on: no event is read, no ping answered. */
  freeze(): void;
  thaw(): void;
  /** A consumer of these stores, over a connection of its own. Answers when it began, in µs. */
  open(stores: readonly number[], options?: { hangs?: boolean; takesMs?: number }): Promise<number>;
  /** A consumer for each of these shares, some of them at once. */
  openAll(shares: readonly (readonly number[])[]): Promise<void>;
  close(): Promise<void>;
  /** Resolves when so many events of the phase were handled, or nothing came for a minute. */
  handled(phase: string, events: number): Promise<void>;
  report(): Promise<VendorReport>;
};

export async function startVendors(supervisor: Supervisor, config: VendorConfig, profile?: Profiling): Promise<Vendors> {
  const { program, handled, job } = await start(supervisor, "vendor", config, profile);
  const ask = (line: VendorJob) => job(line);
  return {
    pid: program.pid,
    stop: async () => void (await program.stop()),
    freeze: () => program.signal("SIGSTOP"),
    thaw: () => program.signal("SIGCONT"),
    open: async (stores, how = {}) => openedSchema.parse(await ask({ open: [...stores], ...how })).atUs,
    openAll: async (shares) => void (await ask({ openAll: shares.map((share) => [...share]) })),
    close: async () => void (await ask({ close: true })),
    async handled(phase, events) {
      let sinceMs = performance.now();
      for (let before = -1; (handled()[phase] ?? 0) < events; ) {
        const now = handled()[phase] ?? 0;
        if (now !== before) sinceMs = performance.now();
        before = now;
        if (performance.now() - sinceMs > STALL_MS) return;
        await program.awaitLine((line) => line.msg === "progress");
      }
    },
    report: async () => reportSchema.parse(await ask({ account: true })),
  };
}

export type Producers = {
  readonly pid: number;
  stop(): Promise<void>;
  /** Resolves when all of it is confirmed. */
  publish(job: ProducerJob): Promise<z.output<typeof publishedSchema>>;
  close(): Promise<void>;
};

export async function startProducers(supervisor: Supervisor, config: ProducerConfig, profile?: Profiling): Promise<Producers> {
  const { program, job } = await start(supervisor, "producer", config, profile);
  return {
    pid: program.pid,
    stop: async () => void (await program.stop()),
    publish: async (line) => publishedSchema.parse(await job(line)),
    close: async () => void (await job({ close: true })),
  };
}

export type Crowd = {
  stop(): Promise<void>;
  /** Resolves when all are connected and answered. */
  open(atOnce: number): Promise<void>;
  /** Resolves when so many positions were heard, or no more come; answers how many, and when the last, in µs. */
  positions(count: number): Promise<{ count: number; atUs: number }>;
  /** Resolves when so many are back, and have so many events more. */
  back(members: number, events: number): Promise<{ atUs: number; caughtUpUs: number }>;
};

const gatheredSchema = openedSchema.extend({ count: z.int() });
const backSchema = openedSchema.extend({ caughtUpUs: z.number() });

export async function startCrowd(supervisor: Supervisor, config: CrowdConfig, profile?: Profiling): Promise<Crowd> {
  const { program, job } = await start(supervisor, "crowd", config, profile);
  const ask = (line: CrowdJob) => job(line);
  return {
    stop: async () => void (await program.stop()),
    open: async (atOnce) => void (await ask({ open: atOnce })),
    positions: async (count) => gatheredSchema.parse(await ask({ positions: count })),
    back: async (members, events) => backSchema.parse(await ask({ back: members, events })),
  };
}
