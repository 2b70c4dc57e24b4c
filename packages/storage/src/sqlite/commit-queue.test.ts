import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { encodeReplies } from "./codec/reply-codec.ts";
import { CommitQueue } from "./commit-queue.ts";
import { HatchIn, newHatch } from "./hatch.ts";

test.each([
  ["ended", "exit", 0],
  ["died", "error", new Error("out of memory")],
])("what the writer answered before it %s was stored, and is told so; the rest is refused", async (_, event, what) => {
  const hatches = { jobs: newHatch(), replies: newHatch() };
  const worker = new EventEmitter();
  const queue = new CommitQueue(worker as Worker, hatches);
  const answered = queue.push((id) => ({ id, type: "commit", bytes: Buffer.from("one") }));
  const open = queue.push((id) => ({ id, type: "commit", bytes: Buffer.from("two") }));
  // It has not been heard of yet: a thread's end and its bell come to the main thread each by a way of its own.
  const reply = encodeReplies([{ id: 1, value: Buffer.from("stored") }]);
  new HatchIn(hatches.replies).put(0, reply ?? Buffer.alloc(0));
  worker.emit(event, what);
  await expect(open).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  await expect(answered).resolves.toEqual(Buffer.from("stored"));
});
