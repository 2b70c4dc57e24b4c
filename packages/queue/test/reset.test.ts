import { describe, expect, test } from "vitest";
import { createEngine, planReset, type ResetCounts, resetTarget, type Standing } from "../src/index.ts";
import { defaults } from "./desk.ts";

const row = (offset: number, more: Partial<Standing["attempts"][number]> = {}): Standing["attempts"][number] => ({
  offset,
  key: `p${offset}`,
  failed: 1,
  interrupted: 0,
  dueMs: 0,
  alone: false,
  stuck: false,
  redrive: 0,
  notes: [],
  ...more,
});

/** A queue of 100: settled up to 60 but for 10 to 12, 20 and two parked offsets (30, 55); dead letters at 5 and 50. */
const standing = (more: Partial<Standing> = {}): Standing => ({
  progress: {
    generation: 3,
    cursor: 60,
    open: [
      [10, 12],
      [20, 20],
    ],
    offeredTo: 60,
    ackedTo: 58,
    paused: true,
  },
  attempts: [row(5, { redrive: 1 }), row(11, { stuck: true }), row(20), row(50, { redrive: 2 })],
  parked: [{ key: "hot", first: 30, count: 2 }],
  deadCount: 2,
  head: 100,
  firstKept: 1,
  ...more,
});
/** As a storage counts them: parked offsets before and from the target on, dead letters from there. */
function countsOf(target: number, firstKept = 1): ResetCounts {
  const first = Math.max(target, firstKept);
  return {
    parkedBefore: [30, 55].filter((offset) => offset >= firstKept && offset < target).length,
    parkedAfter: [30, 55].filter((offset) => offset >= first).length,
    letters: [5, 50].filter((offset) => offset >= first).length,
  };
}

describe("reset", () => {
  test("[N1] to the start, all that was settled comes again, and nothing is passed over", () => {
    const plan = planReset(standing(), 1, countsOf(1));
    // 100 events: 4 open, 2 parked, 40 not read yet.
    expect(plan).toMatchObject({ again: 54, skipped: 0, letters: 2, stuck: 1, attempts: 4, parked: 2, gap: null });
    expect(plan.write).toEqual({ generation: 4, cursor: 0, ackedTo: 0, lettersFrom: 1 });
  });

  test("[N1] an engine made of what is written offers everything from the target on, and nothing else", () => {
    const { write } = planReset(standing({ head: 4, attempts: [] }), 3, { parkedBefore: 0, parkedAfter: 0, letters: 0 });
    const { generation, cursor, ackedTo } = write;
    const engine = createEngine(defaults, {
      progress: { generation, cursor, open: [], offeredTo: cursor, ackedTo, paused: false },
      attempts: [],
      parked: [],
      deadCount: 0,
      head: 4,
    });
    expect(engine.view()).toMatchObject({ floor: 2, pending: 2 });
  });

  test("[N2] the generation rises by one, wherever it goes", () => {
    expect([1, 40, 101].map((target) => planReset(standing(), target, countsOf(target)).write.generation)).toEqual([4, 4, 4]);
  });

  test("[N3] letters before the target stay, with the redrive that is under way", () => {
    const plan = planReset(standing(), 30, countsOf(30));
    expect(plan).toMatchObject({ letters: 1, attempts: 3 });
    expect(plan.write.lettersFrom).toBe(30);
  });

  test("[N3] [N5] a letter whose event was trimmed stays, though it lies behind the target", () => {
    const plan = planReset(standing({ firstKept: 51 }), 1, countsOf(1, 51));
    expect(plan).toMatchObject({ letters: 0, attempts: 2, gap: { from: 1, to: 50 } });
    expect(plan.write.lettersFrom).toBe(51);
  });

  test("[N4] forward, unsettled events before the target are passed over: open, parked, and not read", () => {
    expect(planReset(standing(), 21, countsOf(21))).toMatchObject({ skipped: 4 });
    expect(planReset(standing(), 56, countsOf(56))).toMatchObject({ skipped: 6, again: 5 });
    expect(planReset(standing(), 71, countsOf(71))).toMatchObject({ skipped: 16, again: 0 });
    expect(planReset(standing(), 101, countsOf(101))).toMatchObject({ skipped: 46, again: 0, letters: 0 });
  });

  test("[N5] trimmed history is a gap: it neither comes again nor is passed over", () => {
    const trimmed = standing({ firstKept: 31 });
    expect(planReset(trimmed, 1, countsOf(1, 31))).toMatchObject({ again: 29, skipped: 0, gap: { from: 1, to: 30 } });
    expect(planReset(trimmed, 21, countsOf(21, 31))).toMatchObject({ skipped: 0, gap: { from: 21, to: 30 } });
    expect(planReset(trimmed, 101, countsOf(101, 31))).toMatchObject({ skipped: 41, gap: null });
  });

  test("[N6] what was acked last falls to the target, and does not rise", () => {
    expect([21, 59, 101].map((target) => planReset(standing(), target, countsOf(target)).write.ackedTo)).toEqual([20, 58, 58]);
  });

  test("[N1] a target outside of the queue is its nearest end", () => {
    expect([0, 1, 100, 101, 4_000].map((first) => resetTarget(first, 100))).toEqual([1, 1, 100, 101, 101]);
  });
});
