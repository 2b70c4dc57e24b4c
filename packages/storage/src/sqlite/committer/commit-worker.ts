/** The committer's thread: while one group is synced, the next one gathers in its port. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { failureOf } from "../failures.ts";
import type { CommitterOptions, FromCommitter, Job, Reply, ToCommitter } from "../protocol.ts";
import { Committer } from "./committer.ts";

const groupBytesMax = 8_388_608;
const retryMs = 250;
const port = ownPort();

const say = (message: FromCommitter, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const waiting: Job[] = [];
let closing: Extract<ToCommitter, { type: "close" }> | null = null;
let isScheduled = false;

function ownPort(): MessagePort {
  if (parentPort === null) throw new Error("commit-worker.ts runs as a worker");
  return parentPort;
}

function start(options: CommitterOptions): Committer | null {
  try {
    const committer = new Committer(options);
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

function turn(committer: Committer): void {
  isScheduled = false;
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) take(more.message);
  if (waiting.length > 0) {
    reply(committer.run(nextGroup()));
  }
  // One slice a commit; more when sealing falls behind, which is what slows the confirm path down to what the disk can do.
  do {
    if (committer.hasWork) reply(committer.step());
  } while (committer.hasWork && committer.segmentsBehind > 1);
  if (closing !== null && waiting.length === 0) {
    committer.run([{ id: 0, type: "call", call: { method: "saveTime", nowMs: closing.nowMs, wallMs: closing.wallMs } }]);
    committer.close();
    say({ type: "closed" });
    port.close();
  } else if (waiting.length > 0 || committer.hasWork) schedule(committer);
  else if (committer.isPaused) setTimeout(schedule, retryMs, committer).unref();
}

function transferable(reply: Reply): ArrayBuffer[] {
  const value = "value" in reply ? reply.value : null;
  if (typeof value !== "object" || value === null || !("bytes" in value)) return [];
  return value.bytes.buffer instanceof ArrayBuffer ? [value.bytes.buffer] : [];
}

function schedule(committer: Committer): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(turn, committer);
}

const committer = start(workerData);
if (committer !== null) {
  port.on("message", (message: ToCommitter) => {
    take(message);
    schedule(committer);
  });
  if (committer.hasWork) schedule(committer);
}
