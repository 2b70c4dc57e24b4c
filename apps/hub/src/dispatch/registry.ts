import { limits, orderOf, type Queue, queueParts } from "@waybill/events";
import { createEngine, type Engine, type EngineOptions, type EngineView, type Entry } from "@waybill/queue";
import type { Storage, SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Committer } from "../commit/committer.ts";
import type { HubClock, HubConfig, Proof } from "../hub-parts.ts";
import type { SettleWatch } from "../receipts/receipt-desk.ts";
import { ActiveRunners } from "./active-runners.ts";
import { inTurns } from "./in-turns.ts";
import { keepAlone } from "./keep-alone.ts";
import { LaterWrites } from "./later-writes.ts";
import { NextTurn } from "./next-turn.ts";
import { createRowReader } from "./row-reader.ts";
import { Runner } from "./runner.ts";
import type { RunnerParts } from "./runner-parts.ts";

const SWEEP_MS = 5_000;

export type Registry = {
  /** The running engine of a subscription, made when there is none. */
  obtain(key: SubscriptionKey): Runner;
  /** The view of a subscription: of its running engine, or as it would start. */
  view(row: SubscriptionRow): EngineView;
  /** Trimmed history that no consumer of it has confirmed to know, ascending [G6]. */
  gaps(row: SubscriptionRow): { from: number; to: number }[];
  /** A new event at the end of a queue, for all of its active groups. In commit order. */
  appended(tenant: string, queue: Queue, entry: Entry): void;
  /** A pool's job was decided by its claim. */
  resolved(tenant: string, queue: Queue, offset: number): void;
  /** Active subscriptions, for metrics and lists. */
  runners(): IterableIterator<Runner>;
  /** Runs the task when all that the engine has settled by now is on disk; at once where none runs. */
  afterSettles(key: SubscriptionKey, task: () => void): void;
  /** Its next reader starts from what is stored. */
  renew(key: SubscriptionKey): Promise<void>;
  /** For good: from now on nothing is offered. */
  stopOffering(): void;
  /** Resolves when nothing is in anybody's hand. */
  handsEmpty(): Promise<void>;
  /** What is left in hand goes back, uncounted, and its consumers are told; returns how much that was. */
  handBack(): number;
  /** All is committed, and every engine is over. */
  drain(): Promise<void>;
};

/** All active subscriptions. One without consumers is a row in the storage, and leaves memory after a while. */
export function createRegistry(parts: {
  storage: Storage;
  committer: Committer;
  clock: HubClock;
  proof: Proof;
  config: HubConfig;
  /** Who waits for receipts. */
  settles: SettleWatch;
}): Registry {
  const { storage, committer, clock, proof, config, settles } = parts;
  const active = new ActiveRunners();
  let isStopped = false;

  const optionsOf = (row: SubscriptionRow): EngineOptions => ({
    order: orderOf(row.key.queue, row.order),
    policy: row.policy,
    epoch: storage.info.epoch,
    leaseMs: queueParts(row.key.queue).kind === "zone" ? config.offerMs : config.leaseMs,
    ...config.engine,
    windowEventsMax: limits.windowEventsMax,
    windowBytesMax: limits.windowBytesMax,
    keyWaitingMax: limits.keyWaitingMax,
    parkedKeysMax: limits.parkedKeysMax,
    deadLettersMax: limits.deadLettersMax,
    types: row.types,
  });
  /** Nearly all subscriptions want all types, and then few kinds of them differ. */
  const commonOptions = new Map<string, EngineOptions>();
  const engineOptions = (row: SubscriptionRow): EngineOptions => {
    const options = optionsOf(row);
    if (row.types !== null) return options;
    const kind = `${options.order} ${options.policy} ${options.leaseMs}`;
    const common = commonOptions.get(kind) ?? options;
    commonOptions.set(kind, common);
    return common;
  };

  const runnerParts: RunnerParts = {
    epoch: storage.info.epoch,
    rows: createRowReader(storage),
    committer,
    clock,
    proof,
    chance: () => Math.random(),
    nextTurn: new NextTurn(),
    laterWrites: new LaterWrites(),
    settles,
    engineOptions,
    writeReset: (key, write) => storage.resetSubscription(key, storage.info.epoch, write),
    onOver: (runner) => active.forget(runner),
  };

  let isSweeping = false;
  const sweep = setInterval(async () => {
    if (isSweeping) return;
    isSweeping = true;
    await inTurns(active.all(), (runner) => {
      if (runner.idleForMs() > config.idleMs) void runner.drain();
      return runner.look(keepAlone) ?? 0;
    });
    isSweeping = false;
  }, SWEEP_MS);
  sweep.unref();

  const look = <T>(row: SubscriptionRow, see: (engine: Engine) => T): T =>
    active.get(row.key)?.look(see) ?? see(createEngine(engineOptions(row), row));

  return {
    obtain(key) {
      const running = active.get(key);
      if (running && !running.isOver()) return running;
      const runner = new Runner(key, runnerParts);
      if (isStopped) runner.stopOffering();
      active.put(runner);
      return runner;
    },
    view: (row) => look(row, (engine) => engine.view()),
    gaps: (row) => look(row, (engine) => engine.gaps(row.firstKept)).map(([from, to]) => ({ from, to })),
    appended(tenant, queue, entry) {
      for (const runner of active.of(tenant, queue)) runner.appended(entry);
    },
    resolved(tenant, queue, offset) {
      for (const runner of active.of(tenant, queue)) runner.tell({ type: "resolved", offsets: [offset] });
    },
    runners: () => active.all(),
    afterSettles(key, task) {
      const runner = active.get(key);
      if (runner) runner.afterSettles(task);
      else task();
    },
    async renew(key) {
      const runner = active.get(key);
      if (!runner) return;
      runner.sendAway();
      await runner.drain();
    },
    stopOffering() {
      isStopped = true;
      for (const runner of active.all()) runner.stopOffering();
    },
    async handsEmpty() {
      await Promise.all([...active.all()].map((runner) => runner.handsEmpty()));
    },
    handBack: () => [...active.all()].reduce((sum, runner) => sum + runner.handBack(), 0),
    async drain() {
      clearInterval(sweep);
      await Promise.all([...active.all()].map((runner) => runner.drain()));
    },
  };
}
