import type { ParcelEvent } from "@waybill/events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Hand } from "./hand.ts";
import { InHand } from "./in-hand.ts";
import { Intake } from "./intake.ts";
import { ParcelOrder } from "./parcel-order.ts";
import type { Seat } from "./seat.ts";
import { ACK, type Verdict } from "./settle-buffer.ts";
import { VerdictMemory } from "./verdict-memory.ts";

/** Its bursts are long ones from the 17th event on: by this clock every handler is quick. */
beforeEach(() => void vi.spyOn(performance, "now").mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

type Handler = (name: string) => unknown;

/** An intake whose seat does what the real one does with a failure: what stands behind it goes back. Nothing happens but by `pump`. */
function rig(handler: Handler) {
  const log: string[] = [];
  const memory = new VerdictMemory();
  let counter = 0;
  const hand = new Hand();
  const desk = {
    queue: "store/acme",
    group: "main",
    started: ({ event: { id } }: InHand) => void log.push(`told ${id}`),
    settle(item: InHand, verdict: Verdict) {
      hand.drop(item);
      if (verdict.kind === "nack") for (const other of hand.items()) if (order.isBehind(other, item)) hand.drop(other);
    },
  };
  const order = new ParcelOrder("key");
  const intake = new Intake({
    handle({ event: { id } }) {
      log.push(id);
      return handler(id);
    },
    concurrency: () => 16,
    returned: (item) => item.over(ACK),
    threw: (item, error) => item.nack({ reason: error.message }),
  });
  const offer = (name: string): void => {
    counter += 1;
    const parcel = name.split(".")[0] ?? "";
    const event: ParcelEvent = { id: name, type: "returning", parcel, store: "acme", at: "2026-05-01T09:30:00Z", data: {} };
    const place = { offset: counter, generation: 1, recordedAtMs: 1, attempt: 1, redrive: 0 };
    const item = new InHand({ event, desk, place, order, memory, epoch: 1, counter });
    hand.add(item);
    intake.ready(item);
  };
  const sweep = (): void => {
    order.sweep();
    intake.holdsGone();
  };
  /** Lost while it waits. */
  const lose = (name: string): void => {
    for (const item of hand.items()) if (item.event.id === name) hand.drop(item);
  };
  /** All that wait are lost, as with their connection. */
  const loseAll = (): void => {
    for (const item of hand.items()) if (!item.isRunning) hand.drop(item);
    sweep();
  };
  const handled = () => log.splice(0).filter((line) => !line.startsWith("told "));
  return {
    log,
    pump: () => intake.pump(),
    parcels: () => order.size,
    offer(...names: string[]) {
      for (const name of names) offer(name);
    },
    handled,
    lose,
    loseAll,
    sweep,
    waiting: () => intake.waiting,
    /** Quick handlers make for long bursts. */
    warmUp() {
      for (let index = 0; index < 32; index += 1) offer(`warm-${index}.1`);
      intake.pump();
      intake.pump();
      handled();
    },
  };
}

test("a short burst has one event of each parcel: it may have to wait for the one before", () => {
  const { offer, pump, log } = rig(() => {});
  offer("a.1", "a.2", "b.1", "a.3");
  pump();
  expect(log.splice(0)).toEqual(["told a.1", "told b.1", "a.1", "b.1"]);
  pump();
  pump();
  expect(log).toEqual(["told a.2", "a.2", "told a.3", "a.3"]);
});

test("a long burst runs events in the order in which they came, so that what is acked is one range", () => {
  const { offer, pump, handled, warmUp } = rig(() => {});
  warmUp();
  const names = ["a.1", "a.2", "b.1", "a.3", "c.1", "b.2"];
  offer(...names);
  pump();
  expect(handled()).toEqual(names);
});

test("a burst that is held up before its first handler begins later, in the order in which it came", () => {
  const { offer, pump, handled } = rig(() => {});
  offer("a.1", "b.1", "c.1", "a.2");
  vi.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValue(100);
  pump();
  expect(handled()).toEqual([]);
  vi.spyOn(performance, "now").mockReturnValue(0);
  for (let round = 0; round < 2; round += 1) pump();
  expect(handled()).toEqual(["a.1", "b.1", "c.1", "a.2"]);
});

test("a long burst that is broken off goes on where it stopped, before whatever came later", () => {
  const { offer, pump, handled, warmUp } = rig((name) => void (name === "a.1" && vi.spyOn(performance, "now").mockReturnValue(100)));
  warmUp();
  const names = ["a.1", ...Array.from({ length: 100 }, (_, index) => `b.${index + 1}`), "a.2"];
  offer(...names);
  pump();
  expect(handled()).toEqual(names.slice(0, 16));
  vi.spyOn(performance, "now").mockReturnValue(0);
  offer("b.101", "a.3");
  for (let round = 0; round < 200; round += 1) pump();
  const all = handled();
  const of = (parcel: string) => all.filter((name) => name.startsWith(`${parcel}.`));
  expect([of("a"), of("b")]).toEqual([
    ["a.2", "a.3"],
    [...names.filter((name) => name.startsWith("b.")).slice(15), "b.101"],
  ]);
});

test("where nothing starts, what went out of hand is let go before the next one comes, and its parcel goes on", async () => {
  const slow = Promise.withResolvers<void>();
  let isBusy = true;
  const { offer, pump, loseAll, waiting, handled } = rig(() => (isBusy ? slow.promise : undefined));
  offer(...Array.from({ length: 16 }, (_, index) => `${index}.1`));
  pump();
  for (let round = 0; round < 5; round += 1) {
    offer("a.1", "0.2", "a.2");
    expect(waiting()).toBe(3);
    loseAll();
  }
  offer("a.1", "0.2");
  isBusy = false;
  slow.resolve();
  await slow.promise;
  for (let round = 0; round < 3; round += 1) pump();
  expect(handled().slice(16)).toEqual(["a.1", "0.2"]);
});

test.each([
  ["found when its turn comes", () => {}],
  ["let go before", ({ sweep, offer }: ReturnType<typeof rig>) => [sweep(), offer("z.1")]],
])("one that was next and went out of hand holds up nobody: %s", (_, before) => {
  const rigged = rig(() => {});
  const { offer, pump, lose, handled, parcels } = rigged;
  offer("a.1", "a.2", "a.3");
  pump();
  lose("a.2");
  before(rigged);
  for (let round = 0; round < 3; round += 1) pump();
  expect(handled().filter((name) => name.startsWith("a."))).toEqual(["a.1", "a.3"]);
  expect(parcels()).toBe(0);
});

test("a seat is asked once for all its news, and again for what comes later", () => {
  const intake = new Intake({ handle: () => {}, concurrency: () => 1, returned: () => {}, threw: () => {} });
  let asked = 0;
  const flush = () => {
    asked += 1;
    return null;
  };
  const seat = { hasNews: false, flush } as unknown as Seat;
  for (const expected of [1, 2]) {
    intake.hasNews(seat);
    intake.hasNews(seat);
    intake.flush();
    intake.flush();
    expect(asked).toBe(expected);
  }
});

test("behind a handler that turns out to take its time, its parcel waits and others go on", async () => {
  const slow = Promise.withResolvers<void>();
  const { offer, pump, handled, warmUp } = rig((name) => (name === "a.1" ? slow.promise : undefined));
  warmUp();
  offer("a.1", "a.2", "b.1", "a.3");
  pump();
  offer("a.4", "b.2");
  pump();
  expect(handled()).toEqual(["a.1", "b.1", "b.2"]);
  slow.resolve();
  await slow.promise;
  for (let round = 0; round < 3; round += 1) pump();
  expect(handled()).toEqual(["a.2", "a.3", "a.4"]);
});

test("behind a handler that fails nothing of its parcel begins, also what was taken along with it, until it is offered again", () => {
  let fails = true;
  const { offer, pump, parcels, handled, warmUp } = rig((name) => {
    if (name === "a.1" && fails) throw new Error("not today");
  });
  warmUp();
  offer("a.1", "b.1", "a.2", "a.3");
  pump();
  pump();
  expect(handled()).toEqual(["a.1", "b.1"]);
  expect(parcels()).toBe(0);
  fails = false;
  offer("a.1", "a.2", "a.3");
  pump();
  expect(handled()).toEqual(["a.1", "a.2", "a.3"]);
});

test.each([1, 2, 3, 4, 5])(
  "whatever returns at once, later, or fails: a parcel's events run in their order, one at a time, and all of them (%i)",
  async (seed) => {
    let state = seed;
    const chance = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const running = new Set<string>();
    const open: (() => void)[] = [];
    const faults: string[] = [];
    const last = new Map<string, number>();
    const { offer, pump, parcels, warmUp } = rig((name) => {
      const [parcel = "", number = ""] = name.split(".");
      if (running.has(parcel)) faults.push(`${name} beside another`);
      if (Number(number) !== (last.get(parcel) ?? 0) + 1 && !name.startsWith("warm")) faults.push(`${name} after ${last.get(parcel)}`);
      last.set(parcel, Number(number));
      if (chance() < 0.8) return undefined;
      running.add(parcel);
      return new Promise<void>((resolve) =>
        open.push(() => {
          running.delete(parcel);
          resolve();
        }),
      );
    });
    warmUp();
    const offered = new Map<string, number>();
    for (let round = 0; round < 400; round += 1) {
      const parcel = `p${Math.floor(chance() * 8)}`;
      const number = (offered.get(parcel) ?? 0) + 1;
      offered.set(parcel, number);
      offer(`${parcel}.${number}`);
      if (chance() < 0.2) pump();
      if (chance() < 0.1) for (const end of open.splice(0, 2)) end();
      await Promise.resolve();
    }
    for (let round = 0; round < 2_000 && [...offered].some(([parcel, number]) => last.get(parcel) !== number); round += 1) {
      pump();
      for (const end of open.splice(0)) end();
      await Promise.resolve();
    }
    expect(faults).toEqual([]);
    expect([...offered].filter(([parcel, number]) => last.get(parcel) !== number)).toEqual([]);
    expect(parcels()).toBe(0);
  },
);
