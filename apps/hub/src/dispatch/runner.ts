/**
 * A runner gives an engine what it asks for: storage, sockets and time. States:
 *
 *   opening   – the row is read from storage; inputs wait.        → running, or → over (storage failed)
 *   running   – inputs are applied once a turn of the loop; effects are carried out.
 *   reloading – a commit failed: what the engine thinks is void.  → running, with the row read again
 *   resetting – the group gets another place; no engine runs.     → running, with the row read again
 *   over      – closed, idle for too long, or the storage failed. The registry makes a new one when asked.
 */
import { HubError, type Settle } from "@waybill/events";
import {
  type Credit,
  createEngine,
  type Engine,
  type EngineEffect,
  type EngineInput,
  type EngineOptions,
  type Entry,
  type ResetWrite,
} from "@waybill/queue";
import type { SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Committer } from "../commit/committer.ts";
import type { HubClock, Proof } from "../hub-parts.ts";
import type { SettleWatch } from "../receipts/receipt-desk.ts";
import { createAlarm } from "./alarm.ts";
import { createCommitWatch } from "./commit-watch.ts";
import { type Consumer, subscribeInput, type TokenRange } from "./consumer.ts";
import { withBodies } from "./dead-letter.ts";
import { createPatience } from "./patience.ts";
import type { RowReader } from "./row-reader.ts";
import { rebased, shifted } from "./token-base.ts";

export type RunnerParts = {
  key: SubscriptionKey;
  /** Durable epoch of this hub: first half of every token. */
  epoch: number;
  rows: RowReader;
  committer: Committer;
  clock: HubClock;
  proof: Proof;
  chance: () => number;
  /** Who waits for receipts; of groups `main` only. */
  settles: SettleWatch | null;
  engineOptions: (row: SubscriptionRow) => EngineOptions;
  /** Resolves after the commit. */
  writeReset: (write: ResetWrite) => Promise<void>;
  /** Called once, when the runner is over. */
  onOver: (runner: Runner) => void;
};

/** First and greatest wait before a subscription is read again after a failure. */
const RELOAD_MS = 100;
const RELOAD_MS_MAX = 5_000;

type Seat = { consumer: Consumer; id: number };

export type Runner = ReturnType<typeof createRunner>;

export function createRunner(parts: RunnerParts) {
  const { key, epoch, rows, committer, clock, proof, settles } = parts;
  let state: "opening" | "running" | "reloading" | "resetting" | "over" = "opening";
  /** The last reset, for those who must not end in the middle of it. */
  let reset: Promise<void> = Promise.resolve();
  let engine: Engine | null = null;
  let row: SubscriptionRow | null = null;
  let inputs: EngineInput[] = [];
  /** The entries of the last input, while that is `appended`. */
  let appending: Entry[] | null = null;
  let isScheduled = false;
  /** Engines count tokens from 1; after a reload old tokens must not name new deliveries. */
  let tokenBase = 0;
  let tokenMax = 0;
  let nextConsumerId = 1;
  let commitsUnderWay = 0;
  /** Since the last commit that succeeded. */
  let failures = 0;
  let emptySinceMs = clock.nowMs();
  let isStopped = false;
  /** Who waits for empty hands. */
  const waitingForHands: (() => void)[] = [];
  const seats = new Map<number, Seat>();
  const seatOf = new Map<Consumer, Seat>();
  const out: EngineEffect[] = [];
  const watch = createCommitWatch();
  const patience = createPatience();
  const alarm = createAlarm(clock, () => input({ type: "tick" }));

  const open = async () => {
    const loaded = await rows.open(key);
    const redrives = await rows.redrives(loaded);
    if (state === "over") return;
    row = loaded;
    engine = createEngine(parts.engineOptions(loaded), loaded);
    state = "running";
    const subscribes = [...seats.values()].map(({ consumer, id }) => subscribeInput(consumer, id));
    inputs = [...(isStopped ? [{ type: "drain" } as const] : []), ...subscribes, ...redrives, ...inputs];
    settles?.renewed(key);
    schedule();
  };

  const schedule = () => {
    if (isScheduled || state !== "running") return;
    isScheduled = true;
    setImmediate(run);
  };

  const input = (one: EngineInput) => {
    if (state === "over") return;
    appending = null;
    inputs.push(one);
    if (!patience.canWait(one, { waiting: inputs.length, isWatched: watch.isWaited() || seats.size === 0 })) schedule();
  };

  const run = () => {
    isScheduled = false;
    if (state !== "running" || !engine) return;
    const batch = inputs.splice(0);
    appending = null;
    patience.turned();
    try {
      engine.apply(batch, { nowMs: clock.nowMs(), chance: parts.chance() }, out);
      for (const effect of out.splice(0)) carryOut(effect);
      watch.look(engine);
      tellHands();
    } catch (error) {
      proof.fault(`the engine of ${name()} broke; its subscription is read again from storage`, error);
      reload();
    }
  };

  /** What an engine that is read again had offered is in nobody's hand any more. */
  const tellHands = () => {
    if (waitingForHands.length === 0 || (state === "running" && engine && engine.view().inHand > 0)) return;
    for (const tell of waitingForHands.splice(0)) tell();
  };

  const carryOut = (effect: EngineEffect) => {
    switch (effect.type) {
      case "read":
        return load(() => rows.read(key, effect.from, { eventsMax: effect.eventsMax, bytesMax: effect.bytesMax }));
      case "read-parked":
        return load(() => rows.readParked(key, effect.key, effect.first));
      case "commit":
        return commit(effect);
      case "deliver": {
        tokenMax = Math.max(tokenMax, tokenBase + effect.first + effect.items.length - 1);
        proof.delivered(effect.items.length);
        return seats.get(effect.consumer)?.consumer.deliver(tokenBase + effect.first, effect.items, row?.progress.generation ?? 1);
      }
      case "lost":
        return seats.get(effect.consumer)?.consumer.lost(effect.epoch, shifted(effect.tokens, effect.epoch === epoch ? tokenBase : 0));
      case "settled":
        settles?.settled(key, effect.entries, watch.afterwards);
        return proof.settled(key.queue, key.group, effect);
      case "failed":
        return proof.failed(key.queue, key.group, effect);
      case "gap":
        for (const { consumer, id } of seats.values()) if (id === (effect.consumer ?? id)) consumer.gap(effect.from, effect.to);
        return;
      case "wake":
        return alarm.set(effect.atMs);
    }
  };

  /** Reads answer the engine that asked; one that was replaced meanwhile asks again. */
  const load = (read: () => Promise<EngineInput>) => {
    const asking = engine;
    read().then(
      (answer) => {
        if (engine === asking) input(answer);
      },
      (error: unknown) => {
        if (engine !== asking) return;
        proof.fault(`${name()} could not be read`, error);
        reload();
      },
    );
  };

  const commit = (effect: Extract<EngineEffect, { type: "commit" }>) => {
    const asking = engine;
    commitsUnderWay += 1;
    patience.sent(effect);
    watch.sent();
    committer.progress(key, withBodies(effect.write), effect.urgent).then(
      () => {
        commitsUnderWay -= 1;
        if (engine === asking) watch.landed();
        failures = 0;
        if (engine === asking) input({ type: "committed", commit: effect.commit });
      },
      (error: unknown) => {
        commitsUnderWay -= 1;
        if (engine !== asking) return;
        proof.fault(`progress of ${name()} could not be written`, error);
        reload();
      },
    );
  };

  /** No engine from here on, until the row is read again. Answers the tokens that name nothing any more. */
  const halt = (next: "reloading" | "resetting"): TokenRange[] => {
    state = next;
    engine = null;
    watch.fail(unsteady());
    tellHands();
    const ended: TokenRange[] = tokenMax > tokenBase ? [[tokenBase + 1, tokenMax]] : [];
    tokenBase = tokenMax;
    inputs = [];
    appending = null;
    out.length = 0;
    return ended;
  };

  const tellLost = (tokens: TokenRange[]) => {
    if (tokens.length > 0) for (const { consumer } of seats.values()) consumer.lost(epoch, tokens);
  };

  /** What the engine thinks and what is stored may differ now: start from what is stored. Tries again with growing waits. */
  const reload = () => {
    if (state === "over") return;
    tellLost(halt("reloading"));
    const waitMs = Math.min(RELOAD_MS_MAX, RELOAD_MS * 2 ** failures);
    failures += 1;
    setTimeout(() => {
      // Behind all that is handed over by now, and not behind what others go on handing over.
      const decided = committer.append([]).catch(() => []);
      decided.then(open).catch(reload);
    }, waitMs).unref();
  };

  const toAnotherPlace = async (plan: (row: SubscriptionRow) => Promise<ResetWrite>): Promise<void> => {
    const ended = halt("resetting");
    try {
      // Behind all that the engine wrote: nothing of it may land after the reset.
      await committer.append([]).catch(() => []);
      const write = await plan(await rows.open(key));
      await parts.writeReset(write);
      for (const { consumer } of seats.values()) consumer.reset(write.generation, write.cursor);
    } catch (error) {
      tellLost(ended);
      throw error;
    } finally {
      await open().catch(reload);
    }
  };

  const name = () => `${key.queue} ${key.group}`;

  const over = () => {
    if (state === "over") return;
    state = "over";
    alarm.stop();
    watch.fail(unsteady());
    tellHands();
    parts.onOver(runner);
  };

  const leave = (consumer: Consumer, how: "disconnect" | "withdraw") => {
    const seat = seatOf.get(consumer);
    if (!seat) return;
    seatOf.delete(consumer);
    seats.delete(seat.id);
    if (seats.size === 0) emptySinceMs = clock.nowMs();
    input({ type: how, consumer: seat.id });
  };

  const opened = open();
  opened.catch(() => over());

  const runner = {
    key,
    /** Resolves when the row was read; rejects when the storage failed. */
    opened: async (): Promise<SubscriptionRow> => {
      await opened;
      if (!row) throw new Error("an opened runner has its row");
      return row;
    },
    join(consumer: Consumer) {
      if (state === "over") return consumer.abandon();
      const seat: Seat = { consumer, id: nextConsumerId++ };
      seats.set(seat.id, seat);
      seatOf.set(consumer, seat);
      if (state === "running") input(subscribeInput(consumer, seat.id));
    },
    leave,
    credit(consumer: Consumer, credit: Credit) {
      const seat = seatOf.get(consumer);
      if (seat) input({ type: "credit", consumer: seat.id, credit });
    },
    settle(consumer: Consumer, settle: Omit<Settle, "sub">) {
      const seat = seatOf.get(consumer);
      if (!seat) return;
      const isOwn = tokenBase === 0 || settle.epoch !== epoch;
      input({ type: "settle", consumer: seat.id, settle: isOwn ? settle : rebased(settle, tokenBase) });
    },
    /** In the order of the offsets. Entries of one turn of the loop become one input. */
    appended(entry: Entry) {
      if (appending) {
        appending.push(entry);
        return;
      }
      const entries = [entry];
      input({ type: "appended", entries });
      appending = entries;
    },
    trimmed: (firstKept: number) => input({ type: "trimmed", firstKept }),
    resolved: (offsets: readonly number[]) => input({ type: "resolved", offsets }),
    /**
     * What a person asks for. `make` sees the engine as it is when its inputs are applied, and may throw. Resolves when they are
     * durable and `isDone`; rejects when the storage fails meanwhile, and after some seconds.
     */
    async operate(make: (engine: Engine) => readonly EngineInput[], isDone?: (engine: Engine) => boolean): Promise<void> {
      await opened;
      run();
      if (!engine) throw unsteady();
      inputs.push(...make(engine));
      appending = null;
      const done = watch.next(isDone);
      run();
      await done;
    },
    /**
     * The group gets another place [N*]. `plan` sees the row when nothing of the engine is under way, and says what to write; what it
     * throws leaves all as it was. Resolves after the commit: consumers stay, were told, and begin anew.
     */
    async reset(plan: (row: SubscriptionRow) => Promise<ResetWrite>): Promise<void> {
      await opened;
      run();
      if (!engine) throw unsteady();
      const done = toAnotherPlace(plan);
      reset = done.catch(() => {});
      await done;
    },
    /** As it is stored, and all that the engine knows by now is in it. */
    async row(): Promise<SubscriptionRow> {
      await runner.operate(() => []);
      return rows.open(key);
    },
    /** What the engine knows; nothing is changed. */
    async ask<T>(look: (engine: Engine) => T): Promise<T> {
      await opened;
      run();
      if (!engine) throw unsteady();
      return look(engine);
    },
    /** Runs the task when all that is settled by now is on disk. */
    afterSettles: watch.afterSent,
    readers: () => [...seats.values()].map(({ consumer: { by, mode, credit } }) => ({ by, mode, credit: credit.events })),
    /** `null`: no engine runs just now. */
    look: <T>(see: (engine: Engine) => T): T | null => engine && see(engine),
    /** Nobody reads and nothing is under way since so many ms. */
    idleForMs: () =>
      seats.size > 0 || state === "resetting" || commitsUnderWay > 0 || inputs.length > 0 || watch.isWaited()
        ? 0
        : clock.nowMs() - emptySinceMs,
    isOver: () => state === "over",
    /** The hub is about to leave: nothing is offered any more, whatever comes. */
    stopOffering() {
      isStopped = true;
      input({ type: "drain" });
    },
    /** Resolves when nothing is in hand. After `stopOffering`, it stays so. */
    async handsEmpty(): Promise<void> {
      await opened.catch(() => {});
      run();
      await new Promise<void>((resolve) => {
        waitingForHands.push(resolve);
        tellHands();
      });
    },
    /** Ends the time for finishing; returns how many events were still in hand. */
    handBack(): number {
      run();
      const inHand = engine?.view().inHand ?? 0;
      input({ type: "hand-back" });
      return inHand;
    },
    /** Everything in hand is handed back, uncounted, and what is known is committed. */
    async drain() {
      for (const consumer of [...seatOf.keys()]) leave(consumer, "withdraw");
      await opened.catch(() => {});
      await reset;
      // A commit's answer can lead to another one: what changed while it was under way.
      while (state === "running" && (inputs.length > 0 || commitsUnderWay > 0)) {
        run();
        await committer.idle();
        await new Promise((resolve) => setImmediate(resolve));
      }
      over();
    },
    /** Its consumers are sent away, to come back to what is stored by then. */
    sendAway() {
      for (const consumer of seatOf.keys()) consumer.abandon();
    },
  };
  return runner;
}

const unsteady = () => new HubError("STORAGE_FAILED", "The subscription is being read again from storage; ask once more.");
