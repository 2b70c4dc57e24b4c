import { HubError, type PeekedEvent } from "@waybill/events";
import { expect, test } from "vitest";
import type { Admin } from "./admin.ts";
import { Tail } from "./tail.ts";

/** A hub as a tail sees it: queues with events, a tick, and answers that never wait but fail when there is nothing new. */
function fakeHub() {
  const queues = new Map<string, PeekedEvent[]>();
  const grown: string[] = [];
  const asked: string[] = [];
  const hub = { isForgetful: false, pageEvents: 3 };
  const append = (queue: string, atMs: number) => {
    const events = queues.get(queue) ?? [];
    queues.set(queue, events);
    const offset = events.length + 1;
    const common = { type: "pickup", parcel: "p", producer: "x", number: 0, homeOffset: offset, event: {} };
    events.push({ ...common, queue, offset, id: `${queue}-${offset}`, recordedAtMs: atMs });
    grown.push(queue);
  };
  const headOf = (queue: string) => queues.get(queue)?.length ?? 0;
  const answers = {
    "queue:list": () => ({ queues: [...queues].map(([queue, { length }]) => ({ queue, head: length })), more: false }),
    "queue:peek": ({ queue, from, last }: { queue: string; from?: number; last?: number }) => {
      const all = queues.get(queue) ?? [];
      const events = last === 0 ? [] : all.slice((from ?? 1) - 1, (from ?? 1) - 1 + hub.pageEvents);
      return { events, head: all.length, more: (events.at(-1)?.offset ?? all.length) < all.length };
    },
    "queue:grown": ({ after }: { after?: number }) => {
      if (after === undefined) return { at: grown.length, queues: [], complete: true };
      const names = [...new Set(grown.slice(after))];
      if (names.length === 0) throw new HubError("TIMED_OUT", "The connection is gone.");
      if (hub.isForgetful) return { at: grown.length, queues: [], complete: false };
      return { at: grown.length, queues: names.map((queue) => ({ queue, head: headOf(queue) })), complete: true };
    },
  };
  const ask = async (name: keyof typeof answers, request: never) => {
    asked.push(name);
    return answers[name](request);
  };
  return { ask: ask as unknown as Admin["ask"], append, queues, asked, hub };
}

/** What a tail reads until its connection is gone. `meanwhile` runs when it stands. */
async function read(tail: Tail, ask: Admin["ask"], meanwhile: () => void = () => {}): Promise<string[]> {
  const ids: string[] = [];
  void tail.placed.then(meanwhile);
  try {
    for await (const { id } of tail.read(ask)) ids.push(id);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
  }
  return ids;
}

test("it begins with what is new, and reads nothing of queues that did not grow", async () => {
  const { ask, append, asked } = fakeHub();
  for (let n = 0; n < 50; n++) append(`store/s${n}`, n);
  const ids = await read(new Tail(), ask, () => {
    append("store/s7", 100);
    append("store/born-later", 101);
  });
  expect(ids).toEqual(["store/s7-2", "store/born-later-1"]);
  expect(asked.filter((name) => name === "queue:peek")).toHaveLength(2);
});

test("over another connection it goes on where it stood: new queues from their first event, none twice", async () => {
  const { ask, append } = fakeHub();
  append("store/a", 1);
  const tail = new Tail();
  expect(await read(tail, ask)).toEqual([]);
  append("store/a", 2);
  append("store/b", 3);
  expect(await read(tail, ask)).toEqual(["store/a-2", "store/b-1"]);
  expect(await read(tail, ask)).toEqual([]);
});

test("pages of several queues come in the order of their times, each queue in its own", async () => {
  const { ask, append } = fakeHub();
  for (const [queue, atMs] of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
    ["a", 4],
    ["a", 5],
    ["b", 6],
  ] as const)
    append(`store/${queue}`, atMs);
  const tail = new Tail({ queues: ["store/a", "store/b"], from: 1 });
  expect(await read(tail, ask)).toEqual(["store/a-1", "store/b-1", "store/a-2", "store/a-3", "store/b-2", "store/a-4"]);
});

test("when the hub has forgotten what grew, all queues are looked at", async () => {
  const { ask, append, hub } = fakeHub();
  append("store/a", 1);
  hub.isForgetful = true;
  expect(await read(new Tail(), ask, () => append("store/b", 2))).toEqual(["store/b-1"]);
});

test("a hub that was restored from a backup is followed from where it ends now", async () => {
  const { ask, append, queues } = fakeHub();
  for (const atMs of [1, 2, 3]) append("store/a", atMs);
  const tail = new Tail({ from: 1 });
  expect(await read(tail, ask)).toHaveLength(3);
  queues.get("store/a")?.splice(1);
  expect(await read(tail, ask)).toEqual([]);
  append("store/a", 9);
  expect(await read(tail, ask)).toEqual(["store/a-2"]);
});
