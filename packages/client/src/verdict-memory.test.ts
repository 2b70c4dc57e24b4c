import { expect, test } from "vitest";
import { ACK, type Verdict } from "./settle-buffer.ts";
import { REMEMBERED_MIN, VerdictMemory } from "./verdict-memory.ts";

const NACK: Verdict = { kind: "nack", reason: "no" };
const place = (offset: number, { redrive = 0, recordedAtMs = offset } = {}) => ({ offset, redrive, recordedAtMs });

test("an ack stays true however often it is asked for, a failure is told once", () => {
  const memory = new VerdictMemory();
  memory.remember(place(1), ACK);
  memory.remember(place(2), NACK);
  expect([1, 1, 2, 2, 3].map((offset) => memory.recall(place(offset)))).toEqual([ACK, ACK, NACK, undefined, undefined]);
});

test("the last verdict counts, also where the first is of long ago", () => {
  const memory = new VerdictMemory();
  memory.remember(place(1), NACK);
  for (let offset = 2; offset <= REMEMBERED_MIN + 10; offset += 1) memory.remember(place(offset), ACK);
  memory.remember(place(1), ACK);
  memory.remember(place(2), NACK);
  expect([1, 1, 2].map((offset) => memory.recall(place(offset)))).toEqual([ACK, ACK, NACK]);
});

test.each([ACK, NACK])("another event at a known place is new, and what is redriven is another delivery: $kind", (verdict) => {
  const memory = new VerdictMemory();
  memory.remember(place(1), verdict);
  expect(memory.recall(place(1, { redrive: 1 }))).toBeUndefined();
  expect(memory.recall(place(1, { recordedAtMs: 7 }))).toBeUndefined();
  memory.remember(place(1, { redrive: 1 }), verdict);
  expect(memory.recall(place(1, { redrive: 1 }))).toBe(verdict);
});

test("at least so many are remembered, whoever asks in between, and no more than twice as many", () => {
  const memory = new VerdictMemory();
  const last = 5 * REMEMBERED_MIN;
  for (let offset = 1; offset <= last; offset += 1) {
    memory.remember(place(offset), ACK);
    if (offset % 1_000 === 0) expect(memory.recall(place(offset - 500))).toBe(ACK);
  }
  const isForgotten = (offset: number) => memory.recall(place(offset)) !== ACK;
  const known = Array.from({ length: REMEMBERED_MIN }, (_, index) => last - index);
  expect(known.filter(isForgotten)).toEqual([]);
  expect(isForgotten(last - 2 * REMEMBERED_MIN)).toBe(true);
});

test.each([false, true])(
  "what was acked is known, and nothing beside it, whether it came in one run or in many; asked in between: %s",
  (isAsked) => {
    const memory = new VerdictMemory();
    const at = (offset: number, laterMs = 0) => place(offset, { recordedAtMs: Math.floor(offset / 10) + laterMs });
    const wasAcked = (offset: number) => offset % 7 > 0;
    const forward = Array.from({ length: 200 }, (_, index) => index + 1).filter(wasAcked);
    for (const offset of [...forward.slice(50), ...forward.slice(0, 50).reverse()]) {
      memory.remember(at(offset), ACK);
      if (isAsked && offset === forward[100]) expect(memory.recall(at(offset))).toBe(ACK);
    }
    memory.remember({ ...at(300), redrive: 2 }, ACK);
    for (let offset = 0; offset <= 210; offset += 1) {
      expect(memory.recall(at(offset)), `${offset}`).toBe(forward.includes(offset) ? ACK : undefined);
      expect(memory.recall(at(offset, 1))).toBeUndefined();
    }
    expect([memory.recall({ ...at(300), redrive: 2 }), memory.recall(at(300))]).toEqual([ACK, undefined]);
  },
);
