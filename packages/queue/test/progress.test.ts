import { expect, test } from "vitest";
import { createItem, createLane, type Item } from "../src/model.ts";
import { ProgressLog } from "../src/progress.ts";

const progress = { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false };
const item = (offset: number): Item =>
  createItem({ offset, key: "p", type: "pickup", bytes: 1, recordedAtMs: 1, ref: null }, createLane("p"), 0);

test("[R3] [P3] what waited for one write waits for no other, also when nothing waited for the one before", () => {
  const log = new ProgressLog();
  const [one, two] = [item(1), item(2)];
  log.touch();
  log.take(progress);
  log.await(one);
  log.take(progress);
  log.await(two);
  log.take(progress);
  log.touch();
  log.take(progress);
  expect([1, 2, 3, 4].map((commit) => log.landed(commit))).toEqual([[], [one], [two], []]);
});

test("[P2] the answer to a commit is silent while nothing waits for it and nothing else is to be written", () => {
  const log = new ProgressLog();
  log.touch();
  log.take(progress);
  expect([log.isSilent(1), log.isSilent(2)]).toEqual([true, false]);
  log.touch();
  expect(log.isSilent(1)).toBe(false);
});

test.each([
  ["an event", (log: ProgressLog) => log.await(item(1))],
  ["somebody who asked for it", (log: ProgressLog) => log.hurry()],
  ["a parked key", (log: ProgressLog) => log.changeChunk({ key: "p", first: 1, chunk: { key: "p", first: 1, offsets: [1] } })],
  ["a key that is not parked any more", (log: ProgressLog) => log.changeChunk({ key: "p", first: 1, chunk: null })],
])("[P2] the answer to a commit is not silent where %s waits for it", (_who, change) => {
  const log = new ProgressLog();
  change(log);
  log.take(progress);
  expect(log.isSilent(1)).toBe(false);
});

test("[P2] the answer to the first of two commits is not silent: the other one may have waited for it", () => {
  const log = new ProgressLog();
  log.touch();
  log.take(progress);
  log.hurry();
  log.take(progress);
  expect(log.isSilent(1)).toBe(false);
});
