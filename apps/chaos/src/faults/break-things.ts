/**
 * Carries the schedule out. One thing at a time is done to each process; when it is busy, the next fault waits for it, and
 * those behind that one are passed over. Between two kills of the hub something must have been confirmed, between two of a client
 * it must have been connected.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Crew } from "../crew/crew.ts";
import { untilConnected, type WorkerProcess } from "../crew/worker-process.ts";
import type { FaultKind } from "../plan/fault-kinds.ts";
import type { Draw } from "../plan/schedule.ts";
import type { ClockFile } from "./clock-file.ts";
import { failSyscalls } from "./disk-error.ts";
import { exhaust } from "./exhaust.ts";
import type { Probe } from "./probe.ts";
import type { SmallDisk } from "./small-disk.ts";

/** Faults that wait for one process. */
const WAITING_MAX = 2;
/** Events confirmed between two kills of the hub; without them, so long. */
const BETWEEN_KILLS = 250;
const PROGRESS_MS = 3_000;
const LOOK_MS = 20;
/** A client that was killed is connected again before it is killed again, or so long has passed: who only ever starts loses nothing. */
const BACK_MS = 10_000;
/** While a disk is full, the probe asks so often. */
const ASK_MS = 100;

export type Targets = { crew: Crew; clock: ClockFile | null; disk: SmallDisk | null; probe: Probe; stallFile: string };
export type Breaker = {
  /** Resolves when the last draw is done and everything is healed. */
  run(draws: readonly Draw[], signal: AbortSignal): Promise<void>;
  /** Carried out so far. */
  readonly counts: ReadonlyMap<FaultKind, number>;
  /** The same, by kind and variant. */
  readonly variants: ReadonlyMap<string, number>;
  /** SIGKILLs among them. */
  readonly kills: number;
};

export function createBreaker({ crew, clock, disk, probe, stallFile }: Targets): Breaker {
  const { hub, workers } = crew;
  const turns = new Map<string, { waiting: number; last: Promise<void> }>();
  const counts = new Map<FaultKind, number>();
  const variants = new Map<string, number>();
  let kills = 0;

  const pick = (kind: WorkerProcess["kind"], target: number): WorkerProcess => {
    const all = workers.filter((worker) => worker.kind === kind || (kind === "plain" && isPlainToo(worker.kind)));
    const found = all[target % all.length];
    if (!found) throw new Error(`There is no ${kind} process.`);
    return found;
  };

  /** In turn with all else that is done to this process. False: too much waits for it already. */
  async function inTurn(name: string, act: () => Promise<unknown>): Promise<boolean> {
    const turn = turns.get(name) ?? { waiting: 0, last: Promise.resolve() };
    turns.set(name, turn);
    if (turn.waiting >= WAITING_MAX) return false;
    turn.waiting++;
    const mine = turn.last.then(act);
    turn.last = mine.then(() => void turn.waiting--);
    await turn.last;
    return true;
  }

  /** What is done to the hub right now, and how often something was begun: the disk apart, which is beside it. */
  let hurting = 0;
  let begun = 0;
  async function hurtHub(act: () => Promise<unknown>): Promise<void> {
    hurting++;
    begun++;
    await act();
    hurting--;
  }
  /** True until something is done to the hub. */
  function quiet(): () => boolean {
    const since = hurting > 0 ? Number.NaN : begun;
    return () => begun === since;
  }
  const confirmed = () => workers.reduce((sum, { counts: { confirmed: mine } }) => sum + mine, 0);

  async function killHub(): Promise<void> {
    await hurtHub(() => hub.kill());
    kills++;
    const before = confirmed();
    const readyMs = performance.now();
    while (confirmed() < before + BETWEEN_KILLS && performance.now() - readyMs < PROGRESS_MS) await sleep(LOOK_MS);
  }

  async function stop(program: { signal(signal: NodeJS.Signals): void }, lastsMs: number): Promise<void> {
    program.signal("SIGSTOP");
    await sleep(lastsMs);
    program.signal("SIGCONT");
  }

  async function killClient({ variant, target }: Draw): Promise<boolean> {
    const worker = pick(variant === "between" ? "vendor" : kindOf(variant), target);
    if (worker.isAway) return false;
    if (variant === "between") {
      // It dies by itself, with its next event; that death is counted with the process's own.
      worker.program.tell({ dieBetween: true });
      return true;
    }
    const isDone = await inTurn(worker.name, async () => {
      await worker.kill();
      await untilConnected([worker], BACK_MS);
    });
    if (isDone) kills++;
    return isDone;
  }

  async function askFor(lastsMs: number): Promise<void> {
    for (const untilMs = performance.now() + lastsMs; performance.now() < untilMs; await sleep(ASK_MS)) await probe.ask(quiet());
  }

  const failHub = ({ variant, target, durationMs }: Draw): Promise<boolean> =>
    inTurn("hub", () => hurtHub(() => failSyscalls(hub.hub.program.pid, { what: variant, n: target, lastsMs: durationMs })));

  /** False: passed over. */
  async function carryOut(draw: Draw): Promise<boolean> {
    const { kind, variant, target, durationMs } = draw;
    switch (kind) {
      case "kill-hub":
        return inTurn("hub", killHub);
      case "kill-client":
        return killClient(draw);
      case "stop": {
        if (variant !== "hub") {
          const worker = pick(kindOf(variant), target);
          return !worker.isAway && inTurn(worker.name, () => stop(worker.program, durationMs));
        }
        return inTurn("hub", () => hurtHub(() => stop(hub.hub.program, durationMs)));
      }
      case "network": {
        const worker = workers[target % workers.length];
        return worker !== undefined && inTurn(`network of ${worker.name}`, () => worker.link.break(variant, durationMs));
      }
      case "disk-full":
        if (variant === "nth-write") return failHub(draw);
        return inTurn("disk", async () => {
          await Promise.all([disk?.full(durationMs), askFor(durationMs)]);
        });
      case "disk-error":
        return failHub(draw);
      case "clock":
        clock?.set(variant);
        return true;
      case "exhaustion": {
        const vendor = pick("vendor", target);
        // A reader that does not read, and sockets, are beside the hub; the rest is done to it.
        const isDoneToHub = variant === "stall" || variant === "few-files";
        const parts = { hub: hub.hub, stallFile, vendor: vendor.config, lastsMs: durationMs };
        const act = () => exhaust(variant, parts);
        return isDoneToHub ? inTurn("hub", () => hurtHub(act)) : inTurn(variant, act);
      }
    }
  }

  return {
    counts,
    variants,
    get kills() {
      return kills;
    },
    async run(draws, signal) {
      const startedMs = performance.now();
      const underWay: Promise<void>[] = [];
      // The first fault that cannot be carried out ends the run, and what it says is what the run says.
      const failed = Promise.withResolvers<never>();
      failed.promise.catch(() => {});
      for (const draw of draws) {
        const due = sleep(Math.max(0, draw.atMs - (performance.now() - startedMs)), undefined, { signal });
        await Promise.race([due, failed.promise]);
        const done = carryOut(draw).then((isDone) => {
          if (!isDone) return;
          const variant = `${draw.kind} ${draw.variant}`;
          counts.set(draw.kind, (counts.get(draw.kind) ?? 0) + 1);
          variants.set(variant, (variants.get(variant) ?? 0) + 1);
        });
        done.catch(failed.reject);
        underWay.push(done);
      }
      await Promise.all(underWay);
    },
  };
}

/** Those who are no more than plain clients, in another language or another dialect. */
const isPlainToo = (kind: WorkerProcess["kind"]): boolean => kind === "python" || kind === "caps";

function kindOf(variant: string): WorkerProcess["kind"] {
  switch (variant) {
    case "driver":
    case "vendor":
    case "plain":
    case "fence":
      return variant;
    default:
      throw new TypeError(`There is no kind of process ${variant}.`);
  }
}
