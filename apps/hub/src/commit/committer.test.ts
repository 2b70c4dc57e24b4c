import type { ProgressWrite } from "@waybill/queue";
import type { AppendItem, AppendOutcome, CommitBatch, Storage, SubscriptionKey } from "@waybill/storage";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Committer, createCommitter } from "./committer.ts";
import { nameOf, type Writer } from "./writer.ts";

const item = (id: string): AppendItem => ({
  tenant: "default",
  from: { kind: "hub" },
  number: 0,
  home: "store/acme",
  id,
  type: "pickup",
  parcel: "p",
  body: new Uint8Array(),
  copies: [],
});
const key = { tenant: "default", queue: "store/acme", group: "main" };
const write = {
  progress: { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false },
  attempts: { put: [], remove: [] },
  parked: { put: [], remove: [] },
  dead: { put: [], remove: [] },
};

/** A storage whose commits end when the test says so. */
function heldStorage() {
  const calls: { batch: CommitBatch; end: () => void; fail: (error: Error) => void }[] = [];
  const storage: Pick<Storage, "commit" | "info"> = {
    info: { storageId: "s", epoch: 3, format: 1, hubTimeMs: 0, firstGeneration: 1 },
    commit: (batch) =>
      new Promise((resolve, reject) => {
        const outcomes = batch.items.map(
          (_, index): AppendOutcome => ({ outcome: "stored", offset: index + 1, recordedAtMs: batch.nowMs, copyOffsets: [] }),
        );
        calls.push({ batch, end: () => resolve(outcomes), fail: reject });
      }),
  };
  return { storage: storage as Storage, calls };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Resolves when the write is stored. */
const progress = (committer: Committer, key: SubscriptionKey, write: ProgressWrite, urgent: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const of: Writer = { key, name: nameOf(key), written: () => resolve(), unwritten: (_commit, error) => reject(error) };
    committer.progress(of, { commit: 1, write, urgent });
  });

function committerOn(storage: Storage) {
  const seen: string[] = [];
  const failed: string[] = [];
  const idOf = (one: Parameters<Parameters<typeof createCommitter>[0]["onFailed"]>[0]) => ("void" in one ? "void" : one.id);
  const committer = createCommitter({
    storage,
    clock: { nowMs: () => 5 },
    onStored: (one) => seen.push(idOf(one)),
    onFailed: (one) => failed.push(idOf(one)),
  });
  return { committer, seen, failed };
}

test("who is told of whole commits hears of each once, behind its items", async () => {
  const { storage, calls } = heldStorage();
  const told: string[] = [];
  const committer = createCommitter({
    storage,
    clock: { nowMs: () => 5 },
    onStored: (_, outcome) => told.push(outcome.outcome),
    onCommitted: (items, outcomes) => told.push(`${items.length} items, ${outcomes.length} outcomes`),
    onFailed: () => {},
  });
  const done = Promise.all([committer.append([item("a")]), committer.append([item("b")]), progress(committer, key, write, true)]);
  await turn();
  calls[0]?.end();
  await done;
  expect(told).toEqual(["stored", "stored", "2 items, 2 outcomes"]);
  const written = progress(committer, key, write, true);
  await turn();
  calls[1]?.end();
  await written;
  expect(told).toHaveLength(3);
});

test("all that arrives in one turn of the loop is one commit", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  void committer.append([item("a")]);
  void committer.append([item("b"), item("c")]);
  await turn();
  expect(calls.map(({ batch }) => batch.items.length)).toEqual([3]);
});

test("nobody is answered before the commit ended, and each gets its own outcomes", async () => {
  const { storage, calls } = heldStorage();
  const { committer, seen } = committerOn(storage);
  const answers: unknown[] = [];
  void committer.append([item("a")]).then((outcomes) => answers.push(outcomes));
  void committer.append([item("b")]).then((outcomes) => answers.push(outcomes));
  await turn();
  expect([answers, seen]).toEqual([[], []]);
  calls[0]?.end();
  await turn();
  expect(seen).toEqual(["a", "b"]);
  expect(answers).toMatchObject([[{ offset: 1 }], [{ offset: 2 }]]);
});

test("what arrives while a commit is under way is handed over at once: the storage's next commit has all of it", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  for (const id of ["a", "b", "c"]) {
    void committer.append([item(id)]);
    await turn();
  }
  expect(calls.map(({ batch }) => batch.items.length)).toEqual([1, 1, 1]);
});

test("a storage that answers nothing gets so many commits, and the next one fills", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  for (let count = 1; count <= 18; count += 1) {
    void committer.append([item(String(count))]);
    await turn();
  }
  expect(calls).toHaveLength(16);
  calls[0]?.end();
  await expect.poll(() => calls.length).toBe(17);
  expect(calls[16]?.batch.items.length).toBe(2);
});

describe("what nobody waits for makes no commit of its own when another one ends", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function settledBehindOne() {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    const first = committer.append([item("a")]);
    await turn();
    void progress(committer, key, write, false);
    calls[0]?.end();
    await first;
    await turn();
    return { committer, calls };
  }

  test("it rides on the next event's", async () => {
    const { committer, calls } = await settledBehindOne();
    expect(calls).toHaveLength(1);
    void committer.append([item("b")]);
    await turn();
    expect(calls[1]?.batch).toMatchObject({ items: [{ id: "b" }], progress: [{ key }] });
  });

  test("one that had to wait for its subscription's write before goes a little after that", async () => {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    const first = progress(committer, key, write, true);
    await turn();
    void progress(committer, key, write, false);
    vi.advanceTimersByTime(5);
    calls[0]?.end();
    await first;
    await turn();
    expect(calls).toHaveLength(1);
    vi.advanceTimersByTime(5);
    expect(calls[1]?.batch).toMatchObject({ items: [], progress: [{ key }] });
  });

  test("it goes alone when none comes in time", async () => {
    const { calls } = await settledBehindOne();
    vi.advanceTimersByTime(4);
    expect(calls).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(calls[1]?.batch).toMatchObject({ items: [], progress: [{ key }] });
  });
});

test("a settle rides on the next commit, with the epoch of this start", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  void progress(committer, key, write, false);
  void committer.append([item("a")]);
  await turn();
  expect(calls).toHaveLength(1);
  expect(calls[0]?.batch.progress).toEqual([{ key, epoch: 3, write }]);
});

test("a failed commit fails its whole group, and the next one goes on", async () => {
  const { storage, calls } = heldStorage();
  const { committer, failed, seen } = committerOn(storage);
  const first = committer.append([item("a")]);
  const ridden = progress(committer, key, write, true);
  await turn();
  calls[0]?.fail(new Error("disk"));
  await expect(first).rejects.toThrow("disk");
  await expect(ridden).rejects.toThrow("disk");
  expect([failed, seen]).toEqual([["a"], []]);
  const second = committer.append([item("b")]);
  await turn();
  calls[1]?.end();
  await expect(second).resolves.toHaveLength(1);
});

test("a writer is told of each of its writes by its number, behind the events of that commit", async () => {
  const { storage, calls } = heldStorage();
  const told: string[] = [];
  const committer = createCommitter({
    storage,
    clock: { nowMs: () => 5 },
    onStored: () => told.push("stored"),
    onFailed: () => {},
  });
  const of: Writer = {
    key,
    name: nameOf(key),
    written: (commit) => told.push(`${commit} written`),
    unwritten: (commit) => told.push(`${commit} not written`),
  };
  void committer.append([item("a")]);
  for (const commit of [7, 8]) committer.progress(of, { commit, write, urgent: true });
  await turn();
  committer.progress(of, { commit: 9, write, urgent: true });
  calls[0]?.end();
  await expect.poll(() => calls.length).toBe(2);
  calls[1]?.fail(new Error("disk"));
  await turn();
  expect(told).toEqual(["stored", "7 written", "8 written", "9 not written"]);
});

test("idle waits for what is under way and for what is still filling", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  void progress(committer, key, write, false);
  let isIdle = false;
  const idle = committer.idle().then(() => {
    isIdle = true;
  });
  await turn();
  expect(isIdle).toBe(false);
  calls[0]?.end();
  await idle;
  expect(calls).toHaveLength(1);
});

test("who waits for quiet with nothing to commit does not keep the next append from being sent", async () => {
  const { storage, calls } = heldStorage();
  const { committer } = committerOn(storage);
  void committer.append([item("a")]);
  await turn();
  const idle = committer.idle();
  await turn();
  calls[0]?.end();
  await idle;
  void committer.append([item("b")]);
  await turn();
  expect(calls.map(({ batch }) => batch.items.map((one) => ("void" in one ? "void" : one.id)))).toEqual([["a"], ["b"]]);
});

describe("a subscription's write stands on the one before it", () => {
  const other = { ...key, group: "other" };
  const writesOf = ({ batch }: { batch: CommitBatch }) =>
    batch.progress.map(({ key: { group }, write: { progress } }) => [group, progress.cursor]);
  const at = (cursor: number) => ({ ...write, progress: { ...write.progress, cursor } });

  test("it waits until that one is stored; events and other subscriptions' writes do not", async () => {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    const first = progress(committer, key, at(1), true);
    await turn();
    const second = progress(committer, key, at(2), true);
    void progress(committer, other, at(7), true);
    void committer.append([item("a")]);
    await turn();
    expect(calls.map(writesOf)).toEqual([[["main", 1]], [["other", 7]]]);
    expect(calls[1]?.batch.items).toHaveLength(1);
    calls[0]?.end();
    await first;
    await turn();
    expect(calls.map(writesOf).at(2)).toEqual([["main", 2]]);
    calls[2]?.end();
    await second;
  });

  test("two that were gathered together are one commit, whole or not at all", async () => {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    void progress(committer, key, at(1), false);
    void progress(committer, key, at(2), true);
    await turn();
    expect(calls.map(writesOf)).toEqual([
      [
        ["main", 1],
        ["main", 2],
      ],
    ]);
  });

  test("who waits until all before him is decided waits for those that wait, and not for those that come later", async () => {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    void progress(committer, key, at(1), true);
    await turn();
    void progress(committer, key, at(2), true);
    let isDecided = false;
    const all = committer.append([]).then(() => {
      isDecided = true;
    });
    await turn();
    expect(calls.map(writesOf)).toEqual([[["main", 1]]]);
    calls[0]?.end();
    await expect.poll(() => calls.length).toBe(2);
    void progress(committer, key, at(3), true);
    await turn();
    expect([calls.map(writesOf).slice(1), isDecided]).toEqual([[[["main", 2]]], false]);
    calls[1]?.end();
    await all;
  });

  test("when that one cannot be stored it ends with it, and others go on", async () => {
    const { storage, calls } = heldStorage();
    const { committer } = committerOn(storage);
    const first = progress(committer, key, at(1), true);
    await turn();
    const second = progress(committer, key, at(2), true);
    const free = progress(committer, other, at(7), false);
    await turn();
    calls[0]?.fail(new Error("disk"));
    await expect(first).rejects.toThrow("disk");
    await expect(second).rejects.toThrow("disk");
    for (const call of calls.slice(1)) call.end();
    await free;
    // The engine that is made anew writes again.
    const third = progress(committer, key, at(1), true);
    await turn();
    expect(calls.map(writesOf)).toEqual([[["main", 1]], [["other", 7]], [["main", 1]]]);
    calls[2]?.end();
    await third;
  });
});
