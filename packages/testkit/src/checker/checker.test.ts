import { describe, expect, test } from "vitest";
import { createChecker } from "./checker.ts";
import { day } from "./planted-day.ts";
import { isClean, type ViolationKind } from "./verdict.ts";

async function judge({ driver, office, vendor }: ReturnType<typeof day>) {
  const checker = createChecker();
  await checker.publisher(office);
  await checker.publisher(driver);
  await checker.vendor(vendor);
  return checker.verdict();
}

type Day = ReturnType<typeof day>;
const without = (list: object[], match: (line: Record<string, unknown>) => boolean) => list.filter((line) => !match({ ...line }));
const find = (list: object[], match: (line: Record<string, unknown>) => boolean): number => {
  const at = list.findIndex((line) => match({ ...line }));
  if (at < 0) throw new Error("The planted line is not there.");
  return at;
};
const patch = (list: object[], match: (line: Record<string, unknown>) => boolean, change: object) => {
  const at = find(list, match);
  list[at] = { ...list[at], ...change };
};

test("a whole day is clean, and every count is told", async () => {
  const verdict = await judge(day());
  expect(isClean(verdict)).toBe(true);
  expect(verdict).toMatchObject({
    published: 8,
    confirmed: 8,
    handled: 8,
    lost: 0,
    misordered: 0,
    heldTwice: 0,
    duplicatesRemoved: 0,
    taken: 2,
  });
  expect(verdict.byType).toEqual({
    ready: { published: 2, confirmed: 2, handled: 2 },
    claimed: { published: 2, confirmed: 2, handled: 2 },
    pickup: { published: 2, confirmed: 2, handled: 2 },
    "in-transit": { published: 2, confirmed: 2, handled: 2 },
    delivered: { published: 2, confirmed: 2, handled: 2 },
  });
});

describe("violations that were planted are found", () => {
  /** `says`: what one of the violations must say, where several rules could find it. */
  const planted: [string, ViolationKind, (d: Day) => void, says?: string][] = [
    [
      "a confirmed event is missing",
      "lost",
      (d) => {
        d.vendor = without(d.vendor, (l) => l.id === "p1:delivered");
      },
    ],
    [
      "nothing at all was applied",
      "lost",
      (d) => {
        d.vendor = [];
      },
    ],
    [
      "a job was taken and its claimed is missing",
      "lost",
      (d) => {
        d.vendor = without(d.vendor, (l) => l.type === "claimed" && l.parcel === "p2");
      },
    ],
    [
      "two of a producer's events changed places",
      "misordered",
      (d) => {
        patch(d.vendor, (l) => l.id === "p1:pickup", { offset: 4, t: 1_950 });
        patch(d.vendor, (l) => l.id === "p1:in-transit", { offset: 3, t: 1_940 });
        for (const list of [d.driver]) {
          patch(list, (l) => l.kind === "answer" && l.id === "p1:pickup", { offset: 4 });
          patch(list, (l) => l.kind === "answer" && l.id === "p1:in-transit", { offset: 3 });
        }
      },
      "its producer meant it earlier",
    ],
    [
      "an offset falls within a parcel",
      "misordered",
      (d) => patch(d.vendor, (l) => l.id === "p1:delivered", { t: 0 }),
      "its offset is below the one before",
    ],
    [
      "what was confirmed before another was meant came after it",
      "misordered",
      (d) => {
        patch(d.vendor, (l) => l.id === "p1:ready", { offset: 9, t: 9_000 });
        patch(d.office, (l) => l.kind === "answer" && l.id === "p1:ready", { offset: 9 });
      },
      "it was confirmed before",
    ],
    [
      "the same, when the answer was told once more, later",
      "misordered",
      (d) => {
        patch(d.vendor, (l) => l.id === "p1:ready", { offset: 9, t: 9_000 });
        patch(d.office, (l) => l.kind === "answer" && l.id === "p1:ready", { offset: 9 });
        d.office.push({ kind: "answer", t: 9_500, id: "p1:ready", outcome: "duplicate", queue: "store/a", offset: 9 });
      },
      "it was confirmed before",
    ],
    [
      "claimed came after the pickup",
      "misordered",
      (d) => patch(d.vendor, (l) => l.type === "claimed" && l.parcel === "p1", { offset: 99, t: 9_000 }),
    ],
    [
      "an event was applied twice at one offset",
      "applied-twice",
      (d) => void d.vendor.push({ ...d.vendor[find(d.vendor, (l) => l.id === "p1:pickup")] }),
    ],
    [
      "an event was stored twice, under two offsets",
      "applied-twice",
      (d) => void d.vendor.push({ ...d.vendor[find(d.vendor, (l) => l.id === "p1:delivered")], offset: 77, t: 9_000 }),
    ],
    ["an event that nobody published", "invented", (d) => void d.vendor.push({ ...d.vendor[0], id: "x", offset: 77, t: 9_000 })],
    ["an event changed its parcel", "invented", (d) => patch(d.vendor, (l) => l.id === "p2:delivered", { parcel: "p1" })],
    ["an event changed its type", "invented", (d) => patch(d.vendor, (l) => l.id === "p2:delivered", { type: "returned" })],
    ["an event went to another store", "invented", (d) => patch(d.vendor, (l) => l.id === "p2:delivered", { queue: "store/b" })],
    [
      "a claimed of a driver who never asked",
      "invented",
      (d) => patch(d.vendor, (l) => l.type === "claimed" && l.parcel === "p1", { driver: "d9" }),
    ],
    [
      "a refused event was applied",
      "refused-applied",
      (d) => patch(d.driver, (l) => l.kind === "answer" && l.id === "p1:delivered", { kind: "refused", code: "FORBIDDEN" }),
    ],
    [
      "an event was applied from another offset than confirmed",
      "moved",
      (d) => patch(d.vendor, (l) => l.id === "p1:delivered", { offset: 55, t: 9_000 }),
      "and applied from",
    ],
    ["two events had one offset", "moved", (d) => patch(d.vendor, (l) => l.id === "p2:delivered", { offset: 1 }), "and then"],
    [
      "an event was confirmed at two offsets",
      "moved",
      (d) => void d.driver.push({ ...d.driver[find(d.driver, (l) => l.kind === "answer" && l.id === "p1:delivered")], offset: 55 }),
      "was confirmed at two offsets",
    ],
    [
      "two drivers held one job at one time",
      "held-twice",
      (d) =>
        void d.driver.push(
          { kind: "take", t: 1_100, driver: "d2", parcel: "p1" },
          { kind: "held", t: 1_200, driver: "d2", parcel: "p1", store: "a", claim: 4 },
        ),
    ],
    [
      "two drivers held one job after a handback that never reached the hub",
      "held-twice",
      (d) => {
        d.driver.push({ kind: "handback", t: 8_000, driver: "d1", parcel: "p1" });
        d.driver.push({ kind: "held", t: 8_100, driver: "d1", parcel: "p1", store: "a", claim: 2 });
        d.driver.push({ kind: "take", t: 8_200, driver: "d2", parcel: "p1" });
        d.driver.push({ kind: "held", t: 8_300, driver: "d2", parcel: "p1", store: "a", claim: 5 });
      },
    ],
    [
      "one claim was told to two drivers",
      "held-twice",
      (d) => {
        d.driver.push({ kind: "handback", t: 1_150, driver: "d1", parcel: "p1" }, { kind: "take", t: 1_160, driver: "d2", parcel: "p1" });
        d.driver.push({ kind: "held", t: 1_200, driver: "d2", parcel: "p1", store: "a", claim: 2 });
      },
    ],
    [
      "a driver picked up what it never asked for",
      "picked-up-unheld",
      (d) => patch(d.driver, (l) => l.kind === "intent" && l.id === "p1:pickup", { producer: "d9" }),
    ],
  ];
  test.each(planted)("%s", async (_name, kind, plant, says = "") => {
    const history = day();
    plant(history);
    const verdict = await judge(history);
    expect(isClean(verdict)).toBe(false);
    expect(verdict.violations[kind]).toBeGreaterThan(0);
    expect(
      verdict.examples
        .filter((violation) => violation.kind === kind)
        .map(({ message }) => message)
        .join("\n"),
    ).toContain(says);
  });
});

describe("what may happen is no violation", () => {
  const allowed: [string, (d: Day) => void][] = [
    [
      "no answer, and applied",
      (d) => {
        d.driver = without(d.driver, (l) => l.kind === "answer" && l.id === "p1:delivered");
      },
    ],
    [
      "no answer, and not applied",
      (d) => {
        d.driver = without(d.driver, (l) => l.kind === "answer" && l.id === "p1:delivered");
        d.vendor = without(d.vendor, (l) => l.id === "p1:delivered");
      },
    ],
    ["an intent repeated after a crash", (d) => void d.driver.push({ ...d.driver[find(d.driver, (l) => l.kind === "intent")], t: 9_000 })],
    [
      "redriven: late, and said so",
      (d) => void d.vendor.push({ ...d.vendor[find(d.vendor, (l) => l.id === "p1:pickup")], redrive: 1, t: 9_000 }),
    ],
    [
      "handed back, then taken by another",
      (d) => {
        d.driver.push({ kind: "handback", t: 1_500, driver: "d1", parcel: "p1" }, { kind: "take", t: 1_400, driver: "d2", parcel: "p1" });
        d.driver.push({ kind: "held", t: 1_600, driver: "d2", parcel: "p1", store: "a", claim: 4 });
        d.vendor.push({
          kind: "applied",
          t: 9_000,
          queue: "store/a",
          offset: 50,
          parcel: "p1",
          id: "h50",
          type: "claimed",
          redrive: 0,
          driver: "d2",
        });
        patch(d.driver, (l) => l.kind === "intent" && l.parcel === "p1", {});
      },
    ],
    [
      "told again after a restart that the job is held",
      (d) => void d.driver.push({ kind: "held", t: 9_000, driver: "d1", parcel: "p1", store: "a", claim: 2 }),
    ],
    [
      "a repeated take that is answered after the pickup, when the claim has moved on",
      (d) => void d.driver.push({ kind: "held", t: 9_000, driver: "d1", parcel: "p1", store: "a", claim: 3 }),
    ],
    [
      "a handback that never reached the hub: still held, by one claimed",
      (d) =>
        void d.driver.push(
          { kind: "handback", t: 8_000, driver: "d1", parcel: "p1" },
          { kind: "held", t: 9_000, driver: "d1", parcel: "p1", store: "a", claim: 2 },
        ),
    ],
    [
      "cancelled by its store and asked for again: the first holder has not heard of it yet",
      (d) => {
        const last = d.driver.findIndex((line) => "id" in line && line.id === "p2:delivered");
        d.driver.splice(last);
        d.vendor = without(d.vendor, (l) => l.id === "p2:delivered");
        const cancelled = { id: "p2:cancelled", parcel: "p2", type: "cancelled" };
        const again = { id: "p2:ready-again", parcel: "p2", type: "ready" };
        let t = 2_000;
        for (const [n, event] of [cancelled, again].entries()) {
          d.office.push({ kind: "intent", t: t++, producer: "office", store: "a", ...event });
          d.office.push({ kind: "answer", t: t++, id: event.id, outcome: "stored", queue: "store/a", offset: 20 + n });
          d.vendor.push({ kind: "applied", t: t++, queue: "store/a", offset: 20 + n, redrive: 0, ...event });
        }
        d.driver.push(
          { kind: "take", t: t++, driver: "d2", parcel: "p2" },
          { kind: "held", t: t++, driver: "d2", parcel: "p2", store: "a", claim: 6 },
        );
        d.vendor.push({
          kind: "applied",
          t: t++,
          queue: "store/a",
          offset: 22,
          parcel: "p2",
          id: "h",
          type: "claimed",
          redrive: 0,
          driver: "d2",
        });
      },
    ],
    ["lines of other kinds", (d) => void d.driver.push({ kind: "start", t: 0 })],
  ];
  test.each(allowed)("%s", async (_name, plant) => {
    const history = day();
    plant(history);
    const verdict = await judge(history);
    expect(verdict.examples).toEqual([]);
    expect(isClean(verdict)).toBe(true);
  });
});

test("a redriven event is handled once", async () => {
  const history = day();
  history.vendor.push({ ...history.vendor[find(history.vendor, (l) => l.id === "p1:pickup")], redrive: 1, t: 9_000 });
  expect((await judge(history)).handled).toBe(8);
});

test("repeats are counted, of publishes and of deliveries", async () => {
  const history = day();
  patch(history.driver, (l) => l.kind === "answer" && l.id === "p1:pickup", { outcome: "duplicate", offset: 0 });
  history.vendor.push({ kind: "repeat", t: 9_000, queue: "store/a", offset: 3, id: "p1:pickup" });
  expect(await judge(history)).toMatchObject({ duplicatesRemoved: 2, handled: 8, lost: 0 });
});

test("what waits for a driver at the end is counted: asked for and never taken, or handed back", async () => {
  const ready = { kind: "applied", t: 9_000, queue: "store/a", offset: 60, parcel: "p3", id: "p3:ready", type: "ready", redrive: 0 };
  const released = {
    kind: "applied",
    t: 9_000,
    queue: "store/a",
    offset: 61,
    parcel: "p4",
    id: "x",
    type: "released",
    redrive: 0,
    driver: "d1",
  };
  const history = day();
  expect((await judge(history)).waiting).toBe(0);
  history.vendor.push(ready, released);
  expect((await judge(history)).waiting).toBe(2);
  history.vendor.push({ ...ready, t: 9_001, offset: 62, id: "p3:cancelled", type: "cancelled" });
  expect((await judge(history)).waiting).toBe(1);
});

test("an answer without an intent, or one id for two events, cannot be judged", async () => {
  await expect(
    createChecker().publisher([{ kind: "answer", t: 1, id: "x", outcome: "stored", queue: "store/a", offset: 1 }]),
  ).rejects.toThrow("no intent");
  const intent = { kind: "intent", t: 1, producer: "d1", id: "x", type: "pickup", parcel: "p", store: "a" };
  await expect(createChecker().publisher([intent, { ...intent, type: "delivered" }])).rejects.toThrow("different contents");
});

test("forty thousand events of a hundred parcels are judged", async () => {
  const count = 40_000;
  const of = (n: number) => ({ id: `e${n}`, parcel: `p${n % 97}`, type: "pickup" });
  function* publishes() {
    for (let n = 0; n < count; n++) {
      yield { kind: "intent", t: 3 * n, producer: "d1", store: "a", ...of(n) };
      yield { kind: "answer", t: 3 * n + 1, id: `e${n}`, outcome: "stored", queue: "store/a", offset: n + 1 };
    }
  }
  function* effects() {
    for (let n = 0; n < count; n++) yield { kind: "applied", t: 3 * n + 2, queue: "store/a", offset: n + 1, redrive: 0, ...of(n) };
  }
  const checker = createChecker();
  await checker.publisher(publishes());
  await checker.vendor(effects());
  expect(checker.verdict()).toMatchObject({ published: count, confirmed: count, handled: count, lost: 0, misordered: 0 });
});
