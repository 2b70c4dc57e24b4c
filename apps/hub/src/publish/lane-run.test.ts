import { HubError, noClaim } from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import { expect, test } from "vitest";
import { type Candidate, makeCandidate } from "./candidate.ts";
import { LaneRun, type Slot } from "./lane-run.ts";
import type { Refusal } from "./refusal.ts";

const from = { kind: "numbered" as const, producer: "p", incarnation: 1 };
const publisher = { tenant: "default", from };
const event = (id = "e1"): Candidate =>
  makeCandidate({ id, type: "pickup", parcel: "p1", store: "acme", at: "2026-11-21T10:00:00Z", data: {} }, publisher);
const broken = (): HubError => new HubError("INVALID_EVENT", "broken");
const stored = (offset: number): AppendOutcome => ({ outcome: "stored", offset, recordedAtMs: 1, copyOffsets: [] });

const runFrom = (first: number, ...slots: Slot[]) => new LaneRun({ queue: "store/acme", first }, slots);
const runOf = (...slots: Slot[]) => runFrom(1, ...slots);
function handOver(run: LaneRun, admit: (candidate: Candidate) => void = () => {}) {
  const items: (AppendItem | VoidItem)[] = [];
  run.handOver(items, admit);
  return items;
}
/** All of what was handed over has these outcomes. */
const settle = (run: LaneRun, ...outcomes: AppendOutcome[]) => expect(run.settle(outcomes, 0)).toBe(outcomes.length);

test("the prefix before the first refusal is handed over, the rest is not looked at", () => {
  const run = runOf(event(), event(), broken(), event());
  expect(handOver(run)).toHaveLength(2);
  settle(run, stored(7), stored(8));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, stored: [[1, 2, 7]], refused: { number: 3, error: { code: "INVALID_EVENT" } } });
});

test("what the storage refuses comes before what was refused unsent", () => {
  const run = runOf(event(), broken());
  handOver(run);
  settle(run, { outcome: "full", queue: "store/acme" });
  expect(run.confirm()).toMatchObject({ confirmedTo: 0, refused: { number: 1, error: { code: "QUEUE_FULL", retry: "backoff" } } });
});

test("offsets that do not follow each other make a run of their own", () => {
  const run = runFrom(5, event(), event(), event());
  handOver(run);
  settle(run, stored(10), stored(12), stored(13));
  expect(run.confirm().stored).toEqual([
    [5, 1, 10],
    [6, 2, 12],
  ]);
});

test("repeats are confirmed as duplicates, with their offset as far as it is known", () => {
  const run = runOf(event(), event(), event(), event());
  handOver(run);
  const repeat = (offset: number): AppendOutcome => ({ outcome: "duplicate", offset });
  settle(run, repeat(0), repeat(0), repeat(9), stored(10));
  expect(run.confirm()).toMatchObject({
    confirmedTo: 4,
    duplicates: [
      [1, 2, 0],
      [3, 1, 9],
    ],
    stored: [[4, 1, 10]],
  });
  expect(run.duplicates).toBe(3);
});

test("a void number advances the lane and has no offset", () => {
  const run = runOf({ ...publisher, number: 1, home: "store/acme", void: true }, event());
  expect(handOver(run)).toMatchObject([{ void: true }, { id: "e1" }]);
  settle(run, { outcome: "void" }, stored(1));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, stored: [[2, 1, 1]] });
});

test("a moved claim sets the lane back to that event, and what was judged behind it is judged again", () => {
  const run = runOf(event(), event(), broken());
  handOver(run);
  settle(run, stored(1), { outcome: "claim-moved", claim: { claim: noClaim, readyOffset: 0, poolOffset: 0 } });
  expect(run.isAgain).toBe(true);
  expect(run.confirm()).not.toHaveProperty("refused");
  expect(handOver(run)).toHaveLength(1);
  settle(run, stored(2));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, refused: { number: 3 } });
});

test("what its claim refuses now is confirmed when it was stored before, and refused when it is new", () => {
  const claimLost = new HubError("CLAIM_LOST", "another driver has it");
  const refusal = { error: claimLost, claim: noClaim, isGuess: false };
  const doubted = (candidate: Candidate) => {
    candidate.refusal = candidate.id === "doubted" ? refusal : null;
  };
  const repeated = runOf(event("doubted"), event());
  expect(handOver(repeated, doubted)).toHaveLength(2);
  settle(repeated, { outcome: "duplicate", offset: 4 }, stored(5));
  expect(repeated.confirm()).toEqual({ queue: "store/acme", confirmedTo: 2, duplicates: [[1, 1, 4]], stored: [[2, 1, 5]] });

  const fresh = runOf(event("doubted"), event());
  handOver(fresh, doubted);
  settle(fresh, { outcome: "claim-moved", claim: { claim: noClaim, readyOffset: 0, poolOffset: 0 } }, { outcome: "skipped" });
  expect([fresh.isAgain, fresh.isOver]).toEqual([false, true]);
  expect(fresh.confirm()).toMatchObject({ confirmedTo: 0, refused: { number: 1, error: { code: "CLAIM_LOST" } } });
});

test("a refusal by a claim that never became true is decided again; where the storage looked no further, it is to be tried again", () => {
  const taken = { state: "taken", epoch: 2, store: "acme", zone: "sp", sinceMs: 1, driver: "eli" } as const;
  const refusal: Refusal = { error: new HubError("CLAIM_LOST", "another driver has it"), claim: taken, isGuess: true };
  const doubted = (candidate: Candidate) => {
    candidate.refusal = refusal;
  };
  const run = runOf(event());
  handOver(run, doubted);
  const free = { state: "free", epoch: 1, store: "acme", zone: "sp", sinceMs: 1 } as const;
  settle(run, { outcome: "claim-moved", claim: { claim: free, readyOffset: 1, poolOffset: 1 } });
  expect([run.isAgain, run.isOver]).toEqual([true, false]);
  handOver(run, doubted);
  settle(run, { outcome: "full", queue: "store/acme" });
  expect(run.confirm()).toMatchObject({ refused: { number: 1, error: { code: "QUEUE_FULL", retry: "backoff" } } });

  const sure = runOf(event());
  handOver(sure, doubted);
  settle(sure, { outcome: "claim-moved", claim: { claim: { ...taken }, readyOffset: 1, poolOffset: 1 } });
  expect(sure.confirm()).toMatchObject({ refused: { error: { code: "CLAIM_LOST" } } });
});

test.each([
  [{ outcome: "reused", id: "other" }, "SEQUENCE_REUSED"],
  [{ outcome: "gap", expected: 1 }, "SEQUENCE_GAP"],
  [{ outcome: "fenced", incarnation: 4 }, "PRODUCER_FENCED"],
  [{ outcome: "full", queue: "store/acme" }, "QUEUE_FULL"],
] as const)("%o is told as %s", (outcome, code) => {
  const run = runFrom(2, event());
  handOver(run);
  settle(run, outcome);
  expect(run.confirm().refused?.error.code).toBe(code);
  expect(run.isOver).toBe(true);
});

test("lanes of one frame read their outcomes one behind the other; a lane that hands nothing over reads none", () => {
  const [first, over, last] = [runOf(event(), event()), runOf(broken()), runFrom(8, event())];
  const items: (AppendItem | VoidItem)[] = [];
  for (const run of [first, over, last]) run.handOver(items, () => {});
  const outcomes = [stored(1), stored(2), stored(3)];
  expect(items).toHaveLength(3);
  let at = 0;
  for (const run of [first, over, last]) at = run.settle(outcomes, at);
  expect([first, over, last].map((run) => run.confirm().stored)).toEqual([[[1, 2, 1]], [], [[8, 1, 3]]]);
  expect(() => runOf().settle([], 0)).not.toThrow();
  expect(at).toBe(3);
});

test("a lane that was decided hands nothing over, and reads nothing, while others are decided again", () => {
  const run = runOf(event());
  handOver(run);
  settle(run, stored(1));
  expect(handOver(run)).toEqual([]);
  settle(run);
  expect(run.confirm()).toMatchObject({ confirmedTo: 1, stored: [[1, 1, 1]] });
});

test.each<{ what: string; outcomes: AppendOutcome[]; from: number | null }>([
  { what: "one behind the other", outcomes: [stored(7), stored(8)], from: 7 },
  { what: "with another lane's in between", outcomes: [stored(7), stored(9)], from: null },
  { what: "the first of them earlier", outcomes: [{ outcome: "duplicate", offset: 7 }, stored(8)], from: null },
  { what: "the first of them alone", outcomes: [stored(7), { outcome: "full", queue: "store/acme" }], from: null },
])("where a part lies is told by one offset when all of it was stored now, one behind the other: $what", ({ outcomes, from }) => {
  const run = runOf(event(), event());
  expect(run.storedFrom).toBe(null);
  handOver(run);
  settle(run, ...outcomes);
  expect(run.storedFrom).toBe(from);
});

test("a part with a void is not told by one offset: its numbers and offsets part there", () => {
  const run = runOf(event(), { ...publisher, number: 2, home: "store/acme", void: true });
  handOver(run);
  settle(run, stored(7), { outcome: "void" });
  expect(run.storedFrom).toBe(null);
});
