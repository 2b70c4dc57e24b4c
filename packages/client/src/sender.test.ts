/** What goes out over one link, decided without sockets. */
import { decodeFrame, type HubError, type LanePart, publishHeaderSchema } from "@waybill/events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Entry } from "./ledger.ts";
import type { Link, Result } from "./link.ts";
import type { Announcer } from "./listeners.ts";
import { memoryOutbox } from "./memory-outbox.ts";
import { newEntry } from "./new-entry.ts";
import { Sender } from "./sender.ts";
import type { Published } from "./types.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Frame = { lanes: LanePart[]; answer(result: Result<unknown>): void };

/** A hub of two frames at a time, of one event each, that answers when the test does. */
async function newSender({ batchEventsMax = 1 } = {}) {
  const outbox = memoryOutbox();
  const ledger = await outbox.open();
  const errors: HubError[] = [];
  const announcer = { announce: (_name: string, error: HubError) => errors.push(error) } as unknown as Announcer;
  const sender = new Sender({ outbox, ledger, announcer, confirmed: () => {}, fenced: () => {} });
  const frames: Frame[] = [];
  const link = {
    alive: true,
    isLeaving: false,
    welcome: { storageId: "s1", limits: { batchEventsMax, frameBytesMax: 100_000, publishesInFlightMax: 2 } },
    request: async (name: string, { queues = [] }: { queues?: string[] }) =>
      name === "hello" ? { outcome: "known", storageId: "s1" } : { outcome: "lanes", confirmedTo: queues.map(() => 0) },
    drop: () => {},
    publish(frame: Uint8Array, answer: (result: Result<unknown>) => void) {
      frames.push({ lanes: publishHeaderSchema.parse(decodeFrame(frame).header).lanes, answer });
    },
  };
  sender.up(link as unknown as Link);
  const told: Published[] = [];
  const put = (store: string): Entry => {
    const entry = newEntry({ type: "delivered", parcel: "p1", store });
    entry.waiter = { resolve: (published) => told.push(published), reject: () => {} };
    void outbox.put([entry]);
    return entry;
  };
  return {
    publish: async (...stores: string[]) => {
      sender.durable(stores.map(put));
      await vi.advanceTimersByTimeAsync(0);
    },
    pending: () => ledger.pending,
    errors: () => errors.map(({ code }) => code),
    /** Where the events lie that were confirmed so far. */
    told: () => told.map((published) => ("offset" in published ? `${published.outcome} ${published.queue} ${published.offset}` : "outbox")),
    /** To the first frame, with its lanes in this order. */
    answerLanes: (...lanes: [queue: string, confirmedTo: number][]) => {
      const confirms = lanes.map(([queue, confirmedTo]) => ({ queue, confirmedTo, stored: [], duplicates: [] }));
      frames[0]?.answer({ ok: true, answer: { outcome: "confirmed", lanes: confirms } });
    },
    /** Another process has used this number. */
    answerReused: async (index: number) => {
      const { lanes: [lane] = [], answer } = frames[index] ?? {};
      const refused = { number: lane?.first, error: { code: "SEQUENCE_REUSED", retry: "never", message: "Another event has it." } };
      const confirm = { queue: lane?.queue, confirmedTo: 0, stored: [], duplicates: [], refused };
      answer?.({ ok: true, answer: { outcome: "confirmed", lanes: [confirm] } });
      await vi.advanceTimersByTimeAsync(0);
    },
    answerShort: async (index: number, ...offsets: number[]) => {
      frames[index]?.answer({ ok: true, answer: { outcome: "stored", offsets } });
      await vi.advanceTimersByTimeAsync(0);
    },
    sent: () => frames.map(({ lanes: [lane] }) => `${lane?.queue} ${lane?.first}`),
    answer: async (index: number, to: number | null) => {
      const { lanes: [lane] = [], answer } = frames[index] ?? {};
      const confirm = { outcome: "confirmed", lanes: [{ queue: lane?.queue, confirmedTo: to, stored: [], duplicates: [] }] };
      answer?.(to === null ? { ok: false, error: new Error("no answer") as never } : { ok: true, answer: confirm });
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test("a lane that a late answer confirmed, while it waited to be sent again, holds up no other lane", async () => {
  const { publish, sent, answer } = await newSender();
  await publish("a", "a", "b", "b");
  await answer(1, 1);
  expect(sent()).toEqual(["store/a 1", "store/b 1", "store/a 2"]);
  // Nobody heard the first answer: lane a is to start anew, after a while. Both places are taken meanwhile.
  await answer(0, null);
  expect(sent().slice(3)).toEqual(["store/b 2"]);
  await vi.advanceTimersByTimeAsync(1_000);
  // The hub had stored both; the second answer says so.
  await answer(2, 2);
  await publish("b");
  expect(sent().slice(4)).toEqual(["store/b 3"]);
  await answer(3, 2);
  await publish("a");
  expect(sent().slice(5)).toEqual(["store/a 3"]);
});

test("lanes take turns: who has more to send stands in line again behind the others, once", async () => {
  const { publish, sent, answer } = await newSender();
  await publish("a", "a", "a", "b", "b", "c");
  await publish("a", "b");
  for (let index = 0; index < 6; index += 1) await answer(index, Number(sent()[index]?.split(" ")[1]));
  expect(sent()).toEqual(["store/a 1", "store/b 1", "store/c 1", "store/a 2", "store/b 2", "store/a 3", "store/b 3", "store/a 4"]);
});

test("each lane hears its own answer, in whatever order the hub gives them", async () => {
  const { publish, pending, answerLanes } = await newSender({ batchEventsMax: 4 });
  await publish("a", "a", "b");
  answerLanes(["store/b", 1], ["store/a", 2]);
  expect(pending()).toBe(0);
});

test("a short confirm tells each event of each lane where it lies", async () => {
  const { publish, pending, told, answerShort, sent } = await newSender({ batchEventsMax: 4 });
  await publish("a", "a", "b", "b");
  await answerShort(0, 7, 1);
  expect(told()).toEqual(["stored store/a 7", "stored store/a 8", "stored store/b 1", "stored store/b 2"]);
  expect(pending()).toBe(0);
  await publish("a");
  expect(sent()).toEqual(["store/a 1", "store/a 3"]);
});

test("a short confirm counts from its part's first event, also where that was told of before", async () => {
  const { publish, told, answer, answerShort } = await newSender({ batchEventsMax: 2 });
  await publish("a", "a", "a");
  await answer(1, 1);
  await answerShort(0, 7);
  expect(told()).toEqual(["duplicate store/a 0", "stored store/a 8"]);
});

test("a short confirm says nothing of where those lie that were sent before its part, and whose own answer it overtook", async () => {
  const { publish, pending, told, answerShort } = await newSender();
  await publish("a", "b");
  await answerShort(1, 1);
  await publish("a");
  await answerShort(2, 9);
  expect(told()).toEqual(["stored store/b 1", "duplicate store/a 0", "stored store/a 9"]);
  expect(pending()).toBe(0);
  await answerShort(0, 7);
  expect(told()).toHaveLength(3);
});

test("a short confirm of fewer lanes than were sent is told as an error, and its events go out again", async () => {
  const { publish, pending, errors, told, answerShort, sent } = await newSender({ batchEventsMax: 4 });
  await publish("a");
  await answerShort(0);
  expect([pending(), errors(), told()]).toEqual([1, ["INVALID_MESSAGE"], []]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent()).toEqual(["store/a 1", "store/a 1"]);
});

test("once the outbox goes on under a new producer, what the hub says of the old one's numbers confirms none of the new ones", async () => {
  const { publish, pending, told, answerReused, answerShort } = await newSender();
  await publish("a", "b");
  await answerReused(0);
  await answerShort(1, 5);
  expect([pending(), told()]).toEqual([2, []]);
});
