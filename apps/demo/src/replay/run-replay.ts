import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createChance, createChecker, createSupervisor, readHistory, type Verdict } from "@waybill/testkit";
import { type PlannedParcel, totalsOf } from "../plan/planned-parcel.ts";
import { type Crew, startCrew } from "./crew.ts";
import { placesFor } from "./gate.ts";
import { type KillKind, planKills } from "./kill-plan.ts";
import { writePlan } from "./plan-file.ts";
import type { Counts } from "./worker.ts";
import type { Pacing } from "./worker-config.ts";

export type ReplayOptions = {
  plan: readonly PlannedParcel[];
  /** Everything of the run is kept here. */
  dir: string;
  seed: number;
  speed: number | "max";
  driverProcesses: number;
  driversEach: number;
  vendorProcesses: number;
  race: boolean;
  kills: Readonly<Record<KillKind, number>>;
  hubArgs: readonly string[];
  /** Without any progress for so long, the run is given up and judged as it stands. */
  idleMs: number;
  /** Stops everything; nothing is judged. */
  signal: AbortSignal;
  onProgress(progress: Counts & { kills: number }): void;
};

export type ReplayRun = { verdict: Verdict; kills: number; seconds: number; gaveUp: boolean };

/** Starts everything, drives the day, kills what is to be killed, waits for the drain, stops all, and judges by the files. */
export async function runReplay(options: ReplayOptions): Promise<ReplayRun> {
  const { plan, dir, seed } = options;
  const chance = createChance(seed);
  const planFile = join(dir, "plan.jsonl");
  writePlan(planFile, plan);
  const { published } = totalsOf(plan);

  await using supervisor = createSupervisor();
  const startedAt = performance.now();
  const progress = watchProgress(options.idleMs);
  const crew = await startCrew({
    ...options,
    supervisor,
    planFile,
    pace: pacing(plan, options.speed),
    onProgress: progress.moved,
    onCrash: progress.fail,
  });
  options.signal.addEventListener("abort", () => progress.fail(new DOMException("The replay was stopped.", "AbortError")));
  let kills = 0;
  const show = () => options.onProgress({ ...crew.counts(), kills });
  progress.onMove(show);

  let gaveUp = false;
  try {
    const whom = chance.split("kill/whom");
    let confirmed = 0;
    for (const { at, kind } of planKills(options.kills, published, chance)) {
      // Something must have been confirmed since the last kill, and more must be under way.
      const from = Math.min(published, Math.max(at, confirmed + BETWEEN_KILLS));
      crew.open(placesFor(plan, from + Math.max(BETWEEN_KILLS, published * UNDER_WAY)));
      await progress.until(() => crew.counts().confirmed >= from, crew);
      confirmed = crew.counts().confirmed;
      await crew.kill(kind, whom);
      kills++;
      progress.moved();
    }
    crew.open(plan.length);
    await progress.until(() => isDrained(crew.counts(), published), crew);
  } catch (error) {
    if (!(error instanceof StalledError)) throw error;
    gaveUp = true;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await crew.stop();
  return { verdict: await judge(crew), kills, seconds, gaveUp };
}

/** Events confirmed between two kills, at least. */
const BETWEEN_KILLS = 20;
/** Share of the day's events that is let in beyond the next kill. */
const UNDER_WAY = 0.01;

const isDrained = ({ confirmed, owed, applied }: Counts, published: number): boolean => confirmed >= published && applied >= owed;

/** From the files alone: what publishers meant and were told, what stores applied. */
async function judge(crew: Pick<Crew, "historyFiles" | "effectFiles">): Promise<Verdict> {
  const checker = createChecker();
  for (const path of crew.historyFiles) await checker.publisher(readHistory(path));
  for (const path of crew.effectFiles) await checker.vendor(readHistory(path));
  return checker.verdict();
}

function pacing(plan: readonly PlannedParcel[], speed: number | "max"): Pacing {
  if (speed === "max") return null;
  const first = plan[0]?.steps[0];
  return { speed, startedAtMs: Date.now(), dayStartMs: first ? Date.parse(first.at) : 0 };
}

class StalledError extends Error {
  override readonly name = "StalledError";
}

const LOOK_MS = 20;

/** Waits for conditions over counts, as long as anything moves. On a busy machine a start alone takes longer than a day may rest. */
function watchProgress(idleMs: number) {
  const listeners: (() => void)[] = [];
  let movedAt = performance.now();
  let failure: Error | null = null;
  return {
    moved() {
      movedAt = performance.now();
      for (const listener of listeners) listener();
    },
    fail(error: Error) {
      failure ??= error;
    },
    onMove(listener: () => void) {
      listeners.push(listener);
    },
    /** Rejects when a process ended by itself, or with StalledError. */
    async until(condition: () => boolean, crew: Pick<Crew, "isStarting">): Promise<void> {
      while (!condition()) {
        if (failure) throw failure;
        if (crew.isStarting()) movedAt = performance.now();
        if (performance.now() - movedAt > idleMs) throw new StalledError(`Nothing moved for ${idleMs} ms.`);
        await sleep(LOOK_MS);
      }
      if (failure) throw failure;
    },
  };
}
