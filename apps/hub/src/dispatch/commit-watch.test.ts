import { createEngine, type Engine } from "@waybill/queue";
import { beforeEach, expect, test, vi } from "vitest";
import { CommitWatch } from "./commit-watch.ts";

const engine: Engine = createEngine(
  {
    order: "key",
    policy: "block",
    epoch: 1,
    leaseMs: 1,
    failedMax: 1,
    interruptedMax: 1,
    backoffMs: 1,
    backoffMaxMs: 1,
    windowEventsMax: 1,
    windowBytesMax: 1,
    keyWaitingMax: 1,
    parkedKeysMax: 1_000,
    deadLettersMax: 1,
    types: null,
  },
  {
    progress: { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false },
    attempts: [],
    parked: [],
    deadCount: 0,
    head: 0,
  },
);
let watch: CommitWatch;
let done: boolean;
beforeEach(() => {
  watch = new CommitWatch();
  done = false;
});
const wait = (isDone?: (engine: Engine) => boolean) => watch.next(isDone).then(() => (done = true));
const look = async () => {
  watch.look(engine);
  await Promise.resolve();
  await Promise.resolve();
};

test("with nothing to write it is durable already", async () => {
  void wait();
  await look();
  expect(done).toBe(true);
});

test("behind a commit under way, it is the next one that counts", async () => {
  watch.sent();
  void wait();
  await look();
  watch.sent();
  watch.landed(1);
  await look();
  expect(done).toBe(false);
  watch.sent(); // Of what was told later: nothing of it is waited for.
  watch.landed(2);
  await look();
  expect([done, watch.isWaited()]).toEqual([true, false]);
});

test("it waits for its condition as well, and one that throws is the answer", async () => {
  let isSo = false;
  void wait(() => isSo);
  await look();
  expect(done).toBe(false);
  isSo = true;
  await look();
  expect(done).toBe(true);
  const refused = watch.next(() => {
    throw new Error("paused");
  });
  watch.look(engine);
  await expect(refused).rejects.toThrow("paused");
});

test("a storage that failed answers all who wait, and who comes later starts anew", async () => {
  watch.sent();
  const failed = watch.next();
  watch.fail(new Error("the disk said no"));
  await expect(failed).rejects.toThrow("the disk said no");
  void wait();
  await look();
  expect(done).toBe(true);
});

test("each engine counts its commits from 1, and is told of none that one before it sent", () => {
  const [first, second] = [watch.sent(), watch.sent()];
  expect(watch.landed(first)).toBe(1);
  watch.fail(new Error("the disk said no"));
  expect([watch.isOwn(second), watch.landed(second)]).toEqual([false, 0]);
  const third = watch.sent();
  expect([watch.isOwn(third), watch.landed(third)]).toEqual([true, 1]);
});

test("nobody waits for ever", async () => {
  vi.useFakeTimers();
  try {
    const late = expect(watch.next(() => false)).rejects.toMatchObject({ code: "TIMED_OUT" });
    vi.advanceTimersByTime(4_000);
    await late;
    expect(watch.isWaited()).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
