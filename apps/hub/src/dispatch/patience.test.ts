import type { EngineEffect, EngineInput } from "@waybill/queue";
import { expect, test } from "vitest";
import { Patience } from "./patience.ts";

type Commit = Extract<EngineEffect, { type: "commit" }>;
const none = { put: [], remove: [] };
const progress = { generation: 1, cursor: 1, open: [], offeredTo: 1, ackedTo: 0, paused: false };
const commit = (number: number, differs: Partial<Commit> = {}): Commit => ({
  ...{ type: "commit", commit: number, urgent: false, write: { progress, attempts: none, parked: none, dead: none } },
  ...differs,
});
const committed = (number: number): EngineInput => ({ type: "committed", commit: number });
const settle = (what: object): EngineInput => ({ type: "settle", consumer: 1, settle: { epoch: 1, ...what } });
const started = settle({ sub: 3, started: [[1, 1]] });
const now = { waiting: 1, isWatched: false };

test("that handlers have started waits for the next input, but it does not pile up", () => {
  const patience = new Patience();
  expect(patience.canWait(started, now)).toBe(true);
  expect(patience.canWait(started, { ...now, waiting: 17 })).toBe(false);
});

test.each([
  ["an ack", settle({ started: [[1, 1]], acks: [[1, 1]] })],
  ["a hand-back", settle({ withdraws: [[1, 1]] })],
  ["a known gap", settle({ gaps: [[1, 1]] })],
  ["an event", { type: "appended", entries: [] } satisfies EngineInput],
  ["the end of a connection", { type: "disconnect", consumer: 1 } satisfies EngineInput],
])("%s waits for nothing", (_name, input) => {
  expect(new Patience().canWait(input, now)).toBe(false);
});

test("the answer to a commit waits while nothing hangs on it", () => {
  const patience = new Patience();
  patience.sent(commit(1));
  expect(patience.canWait(committed(1), now)).toBe(true);
  expect(patience.canWait(committed(1), { ...now, isWatched: true })).toBe(false);
});

test("what the engine took meanwhile may have to be written: the answer to the commit before it waits for nothing", () => {
  const patience = new Patience();
  patience.sent(commit(1));
  patience.turned();
  expect(patience.canWait(committed(1), now)).toBe(false);
  patience.sent(commit(2));
  expect([1, 2].map((number) => patience.canWait(committed(number), now))).toEqual([false, true]);
});

test("where an event or a parked key waits for the commit, its answer waits for nothing", () => {
  for (const differs of [
    { urgent: true },
    { write: { progress, attempts: none, parked: { put: [], remove: [{ key: "p", first: 1 }] }, dead: none } },
    { write: { progress, attempts: none, parked: { put: [{ key: "p", first: 1, offsets: [1] }], remove: [] }, dead: none } },
  ]) {
    const patience = new Patience();
    patience.sent(commit(1, differs));
    expect(patience.canWait(committed(1), now)).toBe(false);
  }
});
