/** One subscription's engine over a recorded storage, and its one consumer: what a hub's runner does, one step at a time. */
import { limits } from "@waybill/events";
import { createEngine, type DeliveryItem, type Engine, type EngineEffect, type EngineInput, type Entry } from "@waybill/queue";
import type { StoredEvent, SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { RecordedStorage } from "./recorded-storage.ts";

const consumer = 1;
type Held = DeliveryItem & { token: number };

export class Desk {
  /** Delivered and not settled. */
  held: Held[] = [];
  private readonly recorded: RecordedStorage;
  private readonly key: SubscriptionKey;
  private readonly epoch: number;
  private readonly engine: Engine;
  private wakeAtMs = 0;

  static async open(recorded: RecordedStorage, key: SubscriptionKey, options: { failedMax: number }): Promise<Desk> {
    const row = await recorded.storage.subscription(key);
    if (row === null) throw new Error(`no group ${key.group} of ${key.queue}`);
    const desk = new Desk(recorded, row, options);
    const credit = { events: 4, bytes: 1_000_000 };
    await desk.apply({ type: "subscribe", consumer, instance: "i", by: "vendor", mode: "frames", credit });
    return desk;
  }

  constructor(recorded: RecordedStorage, row: SubscriptionRow, { failedMax }: { failedMax: number }) {
    this.recorded = recorded;
    this.key = row.key;
    this.epoch = recorded.storage.info.epoch;
    this.engine = createEngine(
      {
        order: "key",
        policy: row.policy,
        epoch: this.epoch,
        leaseMs: limits.leaseMs,
        failedMax,
        interruptedMax: limits.interruptedMax,
        backoffMs: 100,
        backoffMaxMs: 1_000,
        windowEventsMax: 64,
        windowBytesMax: limits.windowBytesMax,
        keyWaitingMax: 4,
        parkedKeysMax: 1_000,
        deadLettersMax: limits.deadLettersMax,
        types: row.types,
      },
      row,
    );
  }

  /** Applies it, and carries out all that follows from it. */
  async apply(input: EngineInput): Promise<void> {
    const inputs = [input];
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      const out: EngineEffect[] = [];
      this.engine.apply([next], { nowMs: this.recorded.nowMs, chance: 0.5 }, out);
      for (const effect of out) inputs.push(...(await this.carryOut(effect)));
    }
  }

  /** Lets the back-off pass. */
  async wait(): Promise<void> {
    this.recorded.nowMs = Math.max(this.recorded.nowMs, this.wakeAtMs);
    await this.apply({ type: "tick" });
  }

  async ack(): Promise<void> {
    const [first] = this.held;
    if (first === undefined) throw new Error("nothing is in hand");
    await this.settle({ acks: [[first.token, first.token]] }, first);
  }

  async nack(reason: string): Promise<void> {
    const [first] = this.held;
    if (first === undefined) throw new Error("nothing is in hand");
    await this.settle({ nacks: [{ token: first.token, reason }] }, first);
  }

  get pending(): number {
    return this.engine.view().pending;
  }

  private async settle(what: Pick<Extract<EngineInput, { type: "settle" }>["settle"], "acks" | "nacks">, held: Held): Promise<void> {
    this.held = this.held.filter((one) => one !== held);
    await this.apply({ type: "settle", consumer, settle: { epoch: this.epoch, ...what } });
  }

  private async carryOut(effect: EngineEffect): Promise<EngineInput[]> {
    const { storage } = this.recorded;
    const { tenant, queue } = this.key;
    switch (effect.type) {
      case "read": {
        const { events, to, firstKept } = await storage.read(tenant, queue, effect.from, effect);
        const gap = firstKept > effect.from ? { gapTo: firstKept - 1 } : {};
        return [{ type: "loaded", from: effect.from, to, entries: events.map(entryOf), ...gap }];
      }
      case "read-parked": {
        const { chunk, next } = await storage.parkedChunk(this.key, effect.key, effect.first);
        const events = chunk === null ? [] : await storage.readOffsets(tenant, queue, chunk.offsets);
        return [{ type: "loaded-parked", key: effect.key, first: effect.first, entries: events.map(entryOf), next }];
      }
      case "commit":
        await this.recorded.run({ do: "commit", items: [], progress: [{ key: this.key, write: effect.write }] });
        return [{ type: "committed", commit: effect.commit }];
      case "unwritten":
        return [{ type: "write" }];
      case "deliver":
        this.held.push(...effect.items.map((item, i) => ({ ...item, token: effect.first + i })));
        return [];
      case "lost":
        this.held = this.held.filter(({ token }) => !effect.tokens.some(([from, to]) => from <= token && token <= to));
        return [];
      case "wake":
        this.wakeAtMs = effect.atMs;
        return [];
      case "settled":
      case "failed":
      case "gap":
        return [];
    }
  }
}

export function entryOf({ offset, parcel, type, body, recordedAtMs }: StoredEvent): Entry {
  return { offset, key: parcel, type, bytes: body.length, recordedAtMs, ref: body };
}
