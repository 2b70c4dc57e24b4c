/**
 * The committer's thread: while one group is synced, the next one gathers in its port. It sleeps until the bell rings; the event loop has
 * nothing to bring.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Bell } from "../bell.ts";
import { failureOf } from "../failures.ts";
import type { CommitterOptions, CommitWorkerData, FromCommitter, Job, Reply, ToCommitter } from "../protocol.ts";
import { Committer } from "./committer.ts";

const groupBytesMax = 8_388_608;
const retryMs = 250;
/** V8 has tasks of its own in the event loop, none of which is urgent. */
const turnsWithoutLoop = 64;
const port = ownPort();
const { options, bell: memory }: CommitWorkerData = workerData;
const bell = new Bell(memory);

const say = (message: FromCommitter, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const waiting: Job[] = [];
let closing: Extract<ToCommitter, { type: "close" }> | null = null;

function ownPort(): MessagePort {
  if (parentPort === null) throw new Error("commit-worker.ts runs as a worker");
  return parentPort;
}

function start(settings: CommitterOptions): Committer | null {
  try {
    const committer = new Committer(settings);
    say({ type: "ready", info: committer.info });
    return committer;
  } catch (error) {
    say({ type: "failed", failure: failureOf(error) });
    return null;
  }
}

function take(message: ToCommitter): void {
  if (message.type === "jobs") waiting.push(...message.jobs);
  else closing = message;
}

/** As many jobs as fit in one commit; at least one. */
function nextGroup(): Job[] {
  let bytes = 0;
  const end = waiting.findIndex((job, i) => {
    bytes += job.type === "commit" ? (job.items?.byteLength ?? 0) : 0;
    return i > 0 && bytes > groupBytesMax;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

function reply(replies: Reply[]): void {
  if (replies.length > 0) say({ type: "replies", replies }, replies.flatMap(transferable));
}

/** Goes on until it is told to close; between two turns of the event loop, without one. */
function serve(committer: Committer): void {
  for (let turns = 0; turns < turnsWithoutLoop; turns += 1) {
    const seen = bell.rings;
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) take(more.message);
    turn(committer);
    if (waiting.length > 0) continue;
    if (closing !== null) {
      close(committer, closing);
      return;
    }
    if (!committer.hasWork) bell.wait(seen, committer.isPaused ? retryMs : Number.POSITIVE_INFINITY);
  }
  setImmediate(serve, committer);
}

function turn(committer: Committer): void {
  if (waiting.length > 0) {
    const group = nextGroup();
    reply(committer.run(group));
    giveBack(group);
    committer.keepLogShort();
  }
  // One slice a commit; more when sealing falls behind, which is what slows the confirm path down to what the disk can do.
  do {
    if (committer.hasWork) reply(committer.step());
  } while (committer.hasWork && committer.isLate);
}

/** The memory of what was committed, at once: V8 would count it until it looks through all that this thread has. */
function giveBack(group: readonly Job[]): void {
  for (const job of group) if (job.type === "commit" && job.items?.buffer instanceof ArrayBuffer) job.items.buffer.transfer(0);
}

function close(committer: Committer, time: { nowMs: number; wallMs: number }): void {
  committer.run([{ id: 0, type: "call", call: { method: "saveTime", nowMs: time.nowMs, wallMs: time.wallMs } }]);
  committer.close();
  say({ type: "closed" });
  port.close();
}

function transferable(reply: Reply): ArrayBuffer[] {
  const value = "value" in reply ? reply.value : null;
  if (typeof value !== "object" || value === null || !("bytes" in value)) return [];
  return value.bytes.buffer instanceof ArrayBuffer ? [value.bytes.buffer] : [];
}

const committer = start(options);
if (committer !== null) serve(committer);
