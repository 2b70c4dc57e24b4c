/**
 * The committer's thread: while one group is synced, the next one gathers in its hatch and its port. It sleeps until the bell rings; the event
 * loop has nothing to bring.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { encodeReplies } from "../codec/reply-codec.ts";
import { failureOf } from "../failures.ts";
import { HatchIn, HatchOut } from "../hatch.ts";
import type { CommitterOptions, CommitWorkerData, FromCommitter, Job, Reply, ToCommitter } from "../protocol.ts";
import { Committer } from "./committer.ts";

const groupBytesMax = 8_388_608;
/** V8 has tasks of its own in the event loop, none of which is urgent. */
const turnsWithoutLoop = 64;
const port = ownPort();
const { options, ...hatches }: CommitWorkerData = workerData;
const jobs = new HatchOut(hatches.jobs);
const replies = new HatchIn(hatches.replies);

const say = (message: FromCommitter, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const waiting: Job[] = [];
/** Ids of jobs follow each other, whichever way they come. */
let nextJob = 1;
let nextReplies = 0;
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

function gather(): void {
  for (;;) {
    const received = receiveMessageOnPort(port);
    // What is in the hatch by now, and was sent before that message.
    for (let bytes = jobs.take(nextJob); bytes !== null; bytes = jobs.take(nextJob)) {
      waiting.push({ id: nextJob, type: "commit", bytes });
      nextJob += 1;
    }
    if (received === undefined) return;
    take(received.message);
  }
}

function take(message: ToCommitter): void {
  if (message.type === "close") closing = message;
  else {
    waiting.push(...message.jobs);
    nextJob += message.jobs.length;
  }
}

/** As many jobs as fit in one commit; at least one. */
function nextGroup(): Job[] {
  let bytes = 0;
  const end = waiting.findIndex((job, i) => {
    bytes += job.type === "commit" ? job.bytes.byteLength : 0;
    return i > 0 && bytes > groupBytesMax;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

function reply(all: Reply[]): void {
  if (all.length === 0) return;
  const number = nextReplies++;
  const small = encodeReplies(all);
  if (small !== null && replies.put(number, small)) replies.bell.ring();
  else say({ type: "replies", number, replies: all }, all.flatMap(transferable));
}

/** Goes on until it is told to close; between two turns of the event loop, without one. */
function serve(committer: Committer): void {
  for (let turns = 0; turns < turnsWithoutLoop; turns += 1) {
    const seen = jobs.bell.rings;
    gather();
    turn(committer);
    if (waiting.length > 0) continue;
    if (closing !== null) {
      close(committer, closing);
      return;
    }
    if (!committer.hasWork) jobs.bell.wait(seen, committer.restMs);
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
  for (const job of group) if (job.type === "commit" && job.bytes.buffer instanceof ArrayBuffer) job.bytes.buffer.transfer(0);
}

function close(committer: Committer, time: { nowMs: number; wallMs: number }): void {
  committer.run([{ id: 0, type: "call", call: { method: "saveTime", nowMs: time.nowMs, wallMs: time.wallMs } }]);
  committer.close();
  say({ type: "closed" });
  port.close();
}

function transferable(reply: Reply): ArrayBuffer[] {
  const value = "value" in reply ? reply.value : null;
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
}

const committer = start(options);
if (committer !== null) serve(committer);
