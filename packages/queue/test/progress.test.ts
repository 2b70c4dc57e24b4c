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
