import { expect, test } from "vitest";
import { Signals } from "./signals.ts";

/** As the keeper's thread would, each answer when somebody has waited for the one before it. */
function answering(signals: Signals, answers: number[]): () => void {
  const wait = Atomics.wait;
  Atomics.wait = () => {
    const next = answers.shift();
    if (next === undefined) return "timed-out";
    signals.answer(next);
    return "ok";
  };
  return () => {
    Atomics.wait = wait;
  };
}

test("who waits for a checkpoint is not content with the one that was under way: what it has not copied keeps the log from starting anew", () => {
  const signals = new Signals();
  signals.ask();
  signals.ask();
  const answers = [1, 2];
  const restore = answering(signals, answers);
  try {
    signals.waitDone(1_000);
  } finally {
    restore();
  }
  expect(answers).toEqual([]);
});

test("and not for longer than it may", () => {
  const signals = new Signals();
  signals.ask();
  signals.waitDone(5);
  expect(signals.memory.byteLength).toBe(12);
});
