import { HubError, noClaim } from "@waybill/events";
import type { AppendOutcome } from "@waybill/storage";
import { expect, test } from "vitest";
import type { Admitted } from "./admission.ts";
import { makeCandidate } from "./candidate.ts";
import { LaneRun, type Slot } from "./lane-run.ts";

const candidate = makeCandidate({ id: "e1", type: "pickup", parcel: "p1", store: "acme", at: "2026-11-21T10:00:00Z", data: {} });
const event = (number: number): Slot => ({ number, candidate });
const broken = (number: number): Slot => ({ number, error: new HubError("INVALID_EVENT", "broken") });
const item = ({
  candidate: {
    event: { id, type, parcel },
  },
  number,
}: Extract<Slot, { candidate: unknown }>): Admitted => ({
  item: {
    tenant: "default",
    from: { kind: "numbered", producer: "p", incarnation: 1 },
    number,
    home: "store/acme",
    id,
    type,
    parcel,
    body: candidate.body,
    copies: [],
  },
  refusal: null,
});
const stored = (offset: number): AppendOutcome => ({ outcome: "stored", offset, recordedAtMs: 1, copyOffsets: [] });

function runOf(...slots: Slot[]) {
  return new LaneRun({ queue: "store/acme", first: slots[0]?.number ?? 1, count: slots.length }, slots);
}
const handOver = (run: LaneRun, make = item) => [
  ...run.items(make, (number) => ({
    tenant: "default",
    from: { kind: "numbered", producer: "p", incarnation: 1 },
    number,
    home: "store/acme",
    void: true,
  })),
];

test("the prefix before the first refusal is handed over, the rest is not looked at", () => {
  const run = runOf(event(1), event(2), broken(3), event(4));
  expect(handOver(run)).toHaveLength(2);
  run.outcome(0, stored(7));
  run.outcome(1, stored(8));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, stored: [[1, 2, 7]], refused: { number: 3, error: { code: "INVALID_EVENT" } } });
});

test("what the storage refuses comes before what was refused unsent", () => {
  const run = runOf(event(1), broken(2));
  handOver(run);
  run.outcome(0, { outcome: "full", queue: "store/acme" });
  expect(run.confirm()).toMatchObject({ confirmedTo: 0, refused: { number: 1, error: { code: "QUEUE_FULL", retry: "backoff" } } });
});

test("offsets that do not follow each other make a run of their own", () => {
  const run = runOf(event(5), event(6), event(7));
  handOver(run);
  run.outcome(0, stored(10));
  run.outcome(1, stored(12));
  run.outcome(2, stored(13));
  expect(run.confirm().stored).toEqual([
    [5, 1, 10],
    [6, 2, 12],
  ]);
});

test("repeats are confirmed as duplicates, with their offset as far as it is known", () => {
  const run = runOf(event(1), event(2), event(3), event(4));
  handOver(run);
  run.outcome(0, { outcome: "duplicate", offset: 0 });
  run.outcome(1, { outcome: "duplicate", offset: 0 });
  run.outcome(2, { outcome: "duplicate", offset: 9 });
  run.outcome(3, stored(10));
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
  const run = runOf({ number: 1, void: true }, event(2));
  expect(handOver(run)).toMatchObject([{ void: true }, { id: "e1" }]);
  run.outcome(0, { outcome: "void" });
  run.outcome(1, stored(1));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, stored: [[2, 1, 1]] });
});

test("a moved claim sets the lane back to that event, and what was judged behind it is judged again", () => {
  const run = runOf(event(1), event(2), broken(3));
  handOver(run);
  run.outcome(0, stored(1));
  run.outcome(1, { outcome: "claim-moved", claim: { claim: { state: "none", epoch: 0 }, readyOffset: 0, poolOffset: 0 } });
  expect(run.isAgain).toBe(true);
  expect(run.confirm()).not.toHaveProperty("refused");
  expect(handOver(run)).toHaveLength(1);
  run.outcome(1, stored(2));
  expect(run.confirm()).toMatchObject({ confirmedTo: 2, refused: { number: 3 } });
});

test("what its claim refuses now is confirmed when it was stored before, and refused when it is new", () => {
  const claimLost = new HubError("CLAIM_LOST", "another driver has it");
  const refusal = { error: claimLost, claim: noClaim, isGuess: false };
  const doubted = (slot: Parameters<typeof item>[0]) => ({ ...item(slot), refusal: slot.number === 1 ? refusal : null });
  const repeated = runOf(event(1), event(2));
  expect(handOver(repeated, doubted)).toHaveLength(2);
  repeated.outcome(0, { outcome: "duplicate", offset: 4 });
  repeated.outcome(1, stored(5));
  expect(repeated.confirm()).toEqual({ queue: "store/acme", confirmedTo: 2, duplicates: [[1, 1, 4]], stored: [[2, 1, 5]] });

  const fresh = runOf(event(1), event(2));
  handOver(fresh, doubted);
  fresh.outcome(0, { outcome: "claim-moved", claim: { claim: { state: "none", epoch: 0 }, readyOffset: 0, poolOffset: 0 } });
  fresh.outcome(1, { outcome: "skipped" });
  expect([fresh.isAgain, fresh.isOver]).toEqual([false, true]);
  expect(fresh.confirm()).toMatchObject({ confirmedTo: 0, refused: { number: 1, error: { code: "CLAIM_LOST" } } });
});

test("a refusal by a claim that never became true is decided again; where the storage looked no further, it is to be tried again", () => {
  const taken = { state: "taken", epoch: 2, store: "acme", zone: "sp", sinceMs: 1, driver: "eli" } as const;
  const refusal = { error: new HubError("CLAIM_LOST", "another driver has it"), claim: taken, isGuess: true };
  const doubted = (slot: Parameters<typeof item>[0]) => ({ ...item(slot), refusal });
  const run = runOf(event(1));
  handOver(run, doubted);
  const free = { state: "free", epoch: 1, store: "acme", zone: "sp", sinceMs: 1 } as const;
  run.outcome(0, { outcome: "claim-moved", claim: { claim: free, readyOffset: 1, poolOffset: 1 } });
  expect([run.isAgain, run.isOver]).toEqual([true, false]);
  handOver(run, doubted);
  run.outcome(0, { outcome: "full", queue: "store/acme" });
  expect(run.confirm()).toMatchObject({ refused: { number: 1, error: { code: "QUEUE_FULL", retry: "backoff" } } });

  const sure = runOf(event(1));
  handOver(sure, doubted);
  sure.outcome(0, { outcome: "claim-moved", claim: { claim: { ...taken }, readyOffset: 1, poolOffset: 1 } });
  expect(sure.confirm()).toMatchObject({ refused: { error: { code: "CLAIM_LOST" } } });
});

test.each([
  [{ outcome: "reused", id: "other" }, "SEQUENCE_REUSED"],
  [{ outcome: "gap", expected: 1 }, "SEQUENCE_GAP"],
  [{ outcome: "fenced", incarnation: 4 }, "PRODUCER_FENCED"],
  [{ outcome: "full", queue: "store/acme" }, "QUEUE_FULL"],
] as const)("%o is told as %s", (outcome, code) => {
  const run = runOf(event(2));
  handOver(run);
  run.outcome(0, outcome);
  expect(run.confirm().refused?.error.code).toBe(code);
  expect(run.isOver).toBe(true);
});
