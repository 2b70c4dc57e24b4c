/** One engine on a desk: every step is checked against the invariants, and answers are given by hand or, with `settleDown`, by a small storage. */
import {
  checkInvariants,
  createEngine,
  type DeliveryItem,
  type Engine,
  type EngineEffect,
  type EngineInput,
  type EngineOptions,
  type Entry,
  type Restored,
} from "../src/index.ts";
import { Durable } from "./durable.ts";

export const defaults: EngineOptions = {
  order: "key",
  policy: "block",
  epoch: 7,
  leaseMs: 1_000,
  failedMax: 3,
  interruptedMax: 4,
  backoffMs: 100,
  backoffMaxMs: 1_000,
  windowEventsMax: 64,
  windowBytesMax: 100_000,
  keyWaitingMax: 8,
  parkedKeysMax: 100_000,
  deadLettersMax: 10,
  types: null,
};

export const entry = (offset: number, key = "p1", more: Partial<Entry> = {}): Entry => ({
  offset,
  key,
  type: "pickup",
  bytes: 100,
  recordedAtMs: offset,
  ref: `body ${offset}`,
  ...more,
});

export type Seat = { mode?: "frames" | "plain"; events?: number; bytes?: number; instance?: string };

export class Desk {
  readonly options: EngineOptions;
  readonly durable: Durable;
  engine: Engine;
  nowMs = 0;
  /** 0.5 is no jitter but for the offset's own. */
  chance = 0;
  /** Commits are answered at once unless this is off. */
  autoCommit = true;
  readonly commits: Extract<EngineEffect, { type: "commit" }>[] = [];
  /** Token of each event in hand, by consumer and offset, as last delivered. */
  readonly tokens = new Map<string, number>();
  effects: EngineEffect[] = [];

  constructor(options: Partial<EngineOptions> = {}, restored?: Restored) {
    this.options = { ...defaults, ...options };
    this.durable = new Durable(restored);
    this.engine = createEngine(this.options, restored ?? this.durable.restored());
  }

  /** Applies the inputs, answers what the storage answers, and returns all effects. */
  run(...inputs: EngineInput[]): EngineEffect[] {
    this.effects = [];
    let next = inputs;
    do {
      const out: EngineEffect[] = [];
      this.engine.apply(next, { nowMs: this.nowMs, chance: this.chance }, out);
      checkInvariants(this.engine);
      this.effects.push(...out);
      next = out.flatMap((effect) => this.#answer(effect));
    } while (next.length > 0);
    return this.effects;
  }

  #answer(effect: EngineEffect): EngineInput[] {
    switch (effect.type) {
      case "read":
        return [this.durable.read(effect)];
      case "read-parked":
        return [this.durable.readParked(effect)];
      case "deliver":
        for (const [
          index,
          {
            entry: { offset },
          },
        ] of effect.items.entries())
          this.tokens.set(`${effect.consumer}/${offset}`, effect.first + index);
        return [];
      case "commit":
        if (!this.autoCommit) {
          this.commits.push(effect);
          return [];
        }
        this.durable.apply(effect.write);
        return [{ type: "committed", commit: effect.commit }];
      case "unwritten":
        return this.autoCommit ? [{ type: "write" }] : [];
      default:
        return [];
    }
  }

  /** Answers the oldest commit under way. */
  commit(): EngineEffect[] {
    const commit = this.commits.shift();
    if (commit === undefined) throw new Error("No commit is under way.");
    this.durable.apply(commit.write);
    return this.run({ type: "committed", commit: commit.commit });
  }

  publish(...entries: Entry[]): EngineEffect[] {
    this.durable.entries.push(...entries);
    return this.run({ type: "appended", entries });
  }

  /** In the queue, but nobody told the engine more than where it ends. */
  backlog(...entries: Entry[]): void {
    this.durable.entries.push(...entries);
    this.engine = createEngine(this.options, this.durable.restored());
  }

  seat(consumer: number, { mode = "frames", events = 10, bytes = 10_000, instance = `instance-${consumer}` }: Seat = {}): EngineEffect[] {
    return this.run({ type: "subscribe", consumer, instance, by: `vendor-${consumer}`, mode, credit: { events, bytes } });
  }

  token(consumer: number, offset: number): number {
    const token = this.tokens.get(`${consumer}/${offset}`);
    if (token === undefined) throw new Error(`Consumer ${consumer} was never offered ${offset}.`);
    return token;
  }

  ranges(consumer: number, offsets: readonly number[]): [number, number][] {
    return offsets.map((offset) => [this.token(consumer, offset), this.token(consumer, offset)]);
  }

  settle(consumer: number, settle: Omit<Extract<EngineInput, { type: "settle" }>["settle"], "epoch"> & { epoch?: number }): EngineEffect[] {
    return this.run({ type: "settle", consumer, settle: { epoch: this.options.epoch, ...settle } });
  }

  ack(consumer: number, ...offsets: number[]): EngineEffect[] {
    return this.settle(consumer, { acks: this.ranges(consumer, offsets) });
  }

  /** Acks an event for whichever consumer was offered it last. */
  ackAny(offset: number): EngineEffect[] {
    const [name] = [...this.tokens].filter(([key]) => key.endsWith(`/${offset}`)).sort((a, b) => b[1] - a[1])[0] ?? [];
    return this.ack(Number(name?.split("/")[0]), offset);
  }

  nack(consumer: number, offset: number, more: { delayMs?: number; reason?: string } = {}): EngineEffect[] {
    return this.settle(consumer, { nacks: [{ token: this.token(consumer, offset), ...more }] });
  }

  reject(consumer: number, offset: number, reason = "no such street"): EngineEffect[] {
    return this.settle(consumer, { rejects: [{ token: this.token(consumer, offset), reason }] });
  }

  after(ms: number): EngineEffect[] {
    this.nowMs += ms;
    return this.run({ type: "tick" });
  }

  /** The hub dies; another one starts from what is durable, with a higher epoch. */
  restart(options: Partial<EngineOptions> = {}): void {
    Object.assign(this.options, { epoch: this.options.epoch + 1 }, options);
    this.commits.length = 0;
    this.tokens.clear();
    this.engine = createEngine(this.options, this.durable.restored());
  }
}

/** Offsets delivered to a consumer, in order. */
export const delivered = (effects: readonly EngineEffect[], consumer?: number): number[] =>
  deliveries(effects, consumer).map((item) => item.entry.offset);

export const deliveries = (effects: readonly EngineEffect[], consumer?: number): DeliveryItem[] =>
  effects.flatMap((effect) => (effect.type === "deliver" && (consumer === undefined || effect.consumer === consumer) ? effect.items : []));

export const settledOffsets = (effects: readonly EngineEffect[], how?: string): number[] =>
  effects.flatMap((effect) =>
    effect.type === "settled" && (how === undefined || effect.how === how) ? effect.entries.map(({ offset }) => offset) : [],
  );

export const lostTokens = (effects: readonly EngineEffect[], consumer?: number): number[] =>
  effects.flatMap((effect) =>
    effect.type === "lost" && (consumer === undefined || effect.consumer === consumer)
      ? effect.tokens.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))
      : [],
  );

export const only = <T extends EngineEffect["type"]>(effects: readonly EngineEffect[], type: T): Extract<EngineEffect, { type: T }>[] =>
  effects.filter((effect): effect is Extract<EngineEffect, { type: T }> => effect.type === type);
