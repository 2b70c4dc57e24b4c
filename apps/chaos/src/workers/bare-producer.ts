/**
 * A producer of frames without the SDK's care: sends numbers again that were confirmed, and other events under numbers that are
 * taken, which must be refused. Its outbox is its memory: it is another producer in each life.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { driverRequests, type LaneConfirm } from "@waybill/events";
import { type Chance, type History, monotonicUs } from "@waybill/testkit";
import { openFrames } from "./bare-frames.ts";
import { fingerprint } from "./fingerprint.ts";
import type { ClientRecord } from "./records.ts";
import { createWorkload, type PlannedEvent } from "./workload.ts";

export type BareProducerOptions = {
  url: string;
  name: string;
  token: string;
  store: string;
  rate: number;
  life: number;
  startedAtMs: number;
  chance: Chance;
  history: History;
};

const BATCH = [1, 8] as const;
const AGAIN_MS = 100;

export function openBareProducer({ url, name, token, store, rate, life, startedAtMs, chance, history }: BareProducerOptions) {
  const frames = openFrames(url, { namespace: "/driver", token });
  const producer = `bare-${randomUUID()}`;
  const queue = `store/${store}`;
  const workload = createWorkload({ producer: name, life, chance, stores: [store], hotStore: store, allows: (fate) => fate === "ok" });
  const write = (record: ClientRecord) => history.write(record);
  let number = 0;
  let confirmed = 0;
  let pending = 0;
  let isStopped = false;
  let greeted = "";

  async function send(first: number, events: readonly PlannedEvent[]): Promise<LaneConfirm | null> {
    if (greeted !== frames.connection && frames.socket.connected) {
      const { connection } = frames;
      // A hub whose disk is full refuses it; who takes that for a welcome is refused for ever.
      const answer = driverRequests.hello.reply.safeParse(await frames.ask("hello", { producer, incarnation: 1 }));
      if (answer.data?.outcome === "known" && connection === frames.connection) greeted = connection;
    }
    if (greeted !== frames.connection) return null;
    const reply = await frames.publish({ lanes: [{ queue, first, count: events.length }] }, events);
    return reply?.outcome === "confirmed" ? (reply.lanes[0] ?? null) : null;
  }

  async function publish(events: readonly PlannedEvent[]): Promise<void> {
    for (const event of events) {
      const { id, parcel, data } = event;
      write({ kind: "intent", t: monotonicUs(), id, producer: name, parcel, store, n: Number(data?.extra?.n), print: fingerprint(event) });
    }
    const first = number + 1;
    number += events.length;
    pending += events.length;
    for (let lane = await send(first, events); ; lane = await send(first, events)) {
      if (lane) told(first, events, lane);
      if (lane && lane.confirmedTo >= number) break;
      await sleep(AGAIN_MS);
    }
    pending -= events.length;
    confirmed += events.length;
  }

  function told(first: number, events: readonly PlannedEvent[], { stored, duplicates }: LaneConfirm): void {
    for (const [outcome, runs] of [["stored", stored] as const, ["duplicate", duplicates] as const]) {
      for (const [from, count, offset] of runs) {
        for (let index = 0; index < count; index++) {
          const event = events[from + index - first];
          if (event) write({ kind: "answer", t: monotonicUs(), id: event.id, outcome, queue, offset: offset === 0 ? 0 : offset + index });
        }
      }
    }
  }

  /** A number that is taken stays taken. */
  async function confuse(events: readonly PlannedEvent[]): Promise<void> {
    const first = number - events.length + 1;
    if (chance.hit(0.7)) {
      const lane = await send(first, events);
      if (lane) told(first, events, lane);
      return;
    }
    const others = events.map((event) => ({ ...event, id: `${event.id}-other` }));
    const lane = await send(first, others);
    if (!lane) return;
    if (lane.refused?.error.code === "SEQUENCE_REUSED")
      write({ kind: "proved", t: monotonicUs(), invariant: "I6", what: "another event under a number that is taken is refused" });
    else write({ kind: "broken", t: monotonicUs(), invariant: "I6", message: `another event was taken under ${name}'s number ${first}` });
  }

  async function run(): Promise<void> {
    for (;;) {
      const count = chance.int(...BATCH);
      await sleep((1_000 * count) / rate);
      if (isStopped) continue;
      const events = Array.from({ length: count }, () => workload.next(Date.now() - startedAtMs));
      await publish(events);
      if (chance.hit(0.3)) await confuse(events);
    }
  }
  void run();

  return {
    counts: () => ({ confirmed, pending }),
    isConnected: () => frames.socket.connected,
    isActive: () => frames.socket.active,
    stop: () => {
      isStopped = true;
    },
  };
}
