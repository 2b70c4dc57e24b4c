/** One run: start all, break things by the schedule, heal, wait for the drain, audit, kill all, judge by the files. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createChance, createSupervisor, openHistory, readHistory } from "@waybill/testkit";
import { bugOf } from "./bugs/catalogue.ts";
import { createChecker } from "./checker/checker.ts";
import { judgeHubTime } from "./checker/hub-time.ts";
import { attemptLimits, type Crew, LEASE_MS, startCrew } from "./crew/crew.ts";
import { signOldToken } from "./crew/sign-old-token.ts";
import { watchHubTime } from "./crew/watch-hub-time.ts";
import { type Peaks, peaksMax, watchLimits } from "./crew/watch-limits.ts";
import { untilConnected } from "./crew/worker-process.ts";
import { audit } from "./end/audit.ts";
import { awaitDrain } from "./end/drain.ts";
import { askHubTime, readAtRest, readHeads, readOwed } from "./end/hub-account.ts";
import { judgeFiles, judgeOldFiles } from "./end/judge-files.ts";
import { growBacklogs } from "./faults/backlog.ts";
import { createBreaker } from "./faults/break-things.ts";
import { createClockFile, findFaketime } from "./faults/clock-file.ts";
import { openProbe } from "./faults/probe.ts";
import { mountSmallDisk, unmountSmallDisk } from "./faults/small-disk.ts";
import { planBacklogs } from "./plan/backlogs.ts";
import type { FaultKind } from "./plan/fault-kinds.ts";
import { planSchedule } from "./plan/schedule.ts";
import type { ChaosRun } from "./verdict.ts";

export type ChaosOptions = {
  dir: string;
  seed: number;
  seconds: number;
  rate: number;
  kinds: readonly FaultKind[];
  storage: "sqlite" | "memory";
  bug: string | null;
  drainMs: number;
  hasPython: boolean;
  oldClients: boolean;
  /** The hub's files are kept too. */
  keeps: boolean;
  leftOut: readonly string[];
  signal: AbortSignal;
};

/** Longer than a lease, a back-off, and the time for which the hub answers with the same numbers. */
const QUIET_MS = LEASE_MS + 2_500;
/** On a machine that is busy with other things clients take many seconds to start. */
const START_MS = 60_000;
const SLOWEST_PER_SECOND = 20;
/** Until the hub's metrics agree with its list. With a bug they may never. */
const AT_REST_MS = 60_000;
const BUG_AT_REST_MS = 5_000;
/** An auditor that waits for what is gone. With a bug much may be. */
const AUDIT_QUIET_MS = 60_000;
const BUG_QUIET_MS = 10_000;
/** After the last fault: so long an answer that it cost may still be missed. */
const CALM_AFTER_MS = 2 * LEASE_MS;

export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { dir, seed, seconds, kinds, signal } = options;
  const chance = createChance(`${seed}/run`);
  const clock = kinds.includes("clock") ? createClockFile(findFaketime() ?? "", join(dir, "clock")) : null;
  const disk = kinds.includes("disk-full") ? mountSmallDisk(join(dir, "hub")) : null;
  const ends: string[] = [];
  const stallFile = join(dir, "stall-ms");
  const crashed = Promise.withResolvers<never>();
  crashed.promise.catch(() => {}); // Awaited beside the schedule.
  const supervisor = createSupervisor();
  try {
    const place = bugOf(options.bug ?? "")?.place;
    const crew = await startCrew({
      ...options,
      supervisor,
      storage: place === "flags" ? "memory" : options.storage,
      hubBug: place === "flags" || place === "outbox" ? null : options.bug,
      clientBug: place === "outbox" ? options.bug : null,
      chance,
      hubEnv: { ...process.env, ...clock?.env, WAYBILL_CHAOS_STALL: stallFile, NODE_COMPILE_CACHE: join(dir, "compiled") },
      onHubEnd: (why) => ends.push(why),
      onCrash: crashed.reject,
    });
    await using oldStore = crew.oldStore;
    const { program, dataDir } = crew.hub.hub;
    const watch = watchLimits({ pid: () => program.pid, dataDir });
    const operator = { url: crew.hub.hub.url, token: signOldToken(dataDir, { sub: "judge", role: "admin" }) };
    const hubTime = watchHubTime(operator);
    const proberFile = join(dir, "probe.jsonl");
    const { hub } = crew.hub;
    const token = signOldToken(hub.dataDir, { sub: "probe", role: "driver", driver: "probe" });
    const probe = openProbe({ url: hub.url, token, store: crew.stores[0] ?? "", history: openHistory(proberFile) });
    const breaker = createBreaker({ crew, clock, disk, probe, stallFile });
    // Before, there is nothing that could be broken.
    await Promise.race([untilConnected(crew.workers, START_MS), crashed.promise]);
    const { draws, brokenSeconds } = planSchedule({ seed, seconds, kinds, narrowed: bugOf(options.bug ?? "")?.shownBy ?? {} });
    const grown = growBacklogs(crew, planBacklogs(seconds), signal);
    await Promise.race([Promise.all([breaker.run(draws, signal), grown, sleep(seconds * 1_000, undefined, { signal })]), crashed.promise]);
    const calmFromMs = (await askHubTime(operator)) + CALM_AFTER_MS;
    for (const worker of crew.workers) worker.stopProducing();
    const confirmed = crew.workers.reduce((sum, { counts }) => sum + counts.confirmed, 0);
    // Of a hub with a bug nobody expects that it drains: what it did is seen all the same.
    const perSecond = options.bug === null ? Math.max(SLOWEST_PER_SECOND, confirmed / seconds) : null;
    const drained = await Promise.race([awaitDrain(crew, { drainMs: options.drainMs, quietMs: QUIET_MS, perSecond }), crashed.promise]);
    watch.stop();
    hubTime.stop();
    probe.close();

    const checker = createChecker({ ...crew, limits: attemptLimits });
    const { findings } = checker;
    if (drained.ms === null) findings.add("I8", `Not drained in ${options.drainMs} ms; ${drained.pending} events are still in outboxes.`);
    for (const name of drained.inactive) findings.addSign("stranded client", "I8", `${name} has a client that will never connect again.`);
    for (const why of ends) findings.add("I14", `The hub ended by itself: ${why}`);
    judgeHubTime(hubTime.looks, findings);
    judgePeaks(watch.peaks, (message) => findings.add("I13", message));
    const forMs = options.bug === null ? AT_REST_MS : BUG_AT_REST_MS;
    const account = await readAtRest(operator, { readMetrics: crew.hub.metrics, forMs });
    checker.hub(account && { ...account, calmFromMs });
    const oldOwed = oldStore && (await readOwed(operator, { queue: `store/${oldStore.store}`, group: "caps" }));
    const heads = await readHeads(operator, crew.stores);
    await gather({ crew, checker, proberFile, heads, quietMs: options.bug === null ? AUDIT_QUIET_MS : BUG_QUIET_MS });
    const oldOrders = oldOwed && judgeOldFiles(crew, oldOwed, findings);
    if (disk && options.keeps) cpSync(disk.path, join(dir, "hub-data"), { recursive: true });
    const kills = breaker.kills + crew.workers.reduce((sum, { deaths }) => sum + deaths, 0);
    const { peaks } = watch;
    const { counts: faults, variants } = breaker;
    const what = { faults, variants, kills, brokenSeconds, backlogMax: await grown };
    return { ...options, ...what, drainMs: drained.ms, peaks, oldOrders, judgement: checker.judge() };
  } finally {
    for (const program of supervisor.programs) await program.kill();
    await supervisor.close();
    if (disk) unmountSmallDisk(disk);
  }
}

type Gathering = {
  crew: Crew;
  checker: ReturnType<typeof createChecker>;
  proberFile: string;
  heads: ReadonlyMap<string, number>;
  quietMs: number;
};

/** The death of clients, the auditor's reading, the death of the hub, then the files. */
async function gather({ crew, checker, proberFile, heads, quietMs }: Gathering): Promise<void> {
  const { hub, workers } = crew;
  await Promise.all(workers.map(({ program }) => program.kill()));
  const token = signOldToken(hub.hub.dataDir, { sub: "auditor", role: "vendor", stores: "*" });
  const stored = await audit({ url: hub.hub.url, token, heads, quietMs });
  await hub.hub.program.kill();
  await checker.client(readHistory(proberFile));
  await judgeFiles(checker, crew);
  checker.audit(stored);
}

function judgePeaks(peaks: Peaks, add: (message: string) => void): void {
  const over = (what: string, is: number, max: number) => {
    if (is > max) add(`The hub's ${what} came to ${is}; at most ${max} are in order.`);
  };
  over("memory in MB", peaks.rssMb, peaksMax.rssMb);
  over("open files", peaks.files, peaksMax.files);
  over("write-ahead log in MB", peaks.walMb, peaksMax.walMb);
}
