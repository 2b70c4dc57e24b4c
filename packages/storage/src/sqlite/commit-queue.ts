/**
 * Jobs on their way to the committer. It makes one commit of all that came by the time it can begin the next, so they go over at once:
 * small commits through a hatch, what else there is of one turn as one message; only beyond `groupsMax` do they wait here.
 */
import { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import type { StorageInfo } from "../port.ts";
import { decodeReplies } from "./codec/reply-codec.ts";
import { HatchIn, HatchOut, newHatch } from "./hatch.ts";
import type { CommitterOptions, CommitWorkerData, FromCommitter, Job, Reply, ReplyValue, ToCommitter } from "./protocol.ts";
import { Calls, closedError, ended, errorOf } from "./worker-port.ts";

const groupsMax = 16;

export class CommitQueue {
  private readonly worker: Worker;
  private readonly jobs: HatchIn;
  private readonly replies: HatchOut;
  private readonly calls = new Calls<ReplyValue>();
  private waiting: Job[] = [];
  /** Jobs of each turn that is not answered yet. */
  private readonly groups: number[] = [];
  private nextReplies = 0;
  private isClosing = false;
  private isGone = false;

  /** Resolves when the data folder is open and its epoch raised. */
  static async start(options: CommitterOptions): Promise<{ queue: CommitQueue; info: StorageInfo }> {
    const workerData: CommitWorkerData = { options, jobs: newHatch(), replies: newHatch() };
    const worker = new Worker(new URL("./committer/commit-worker.ts", import.meta.url), { workerData });
    const info = await new Promise<StorageInfo>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (message: FromCommitter) => {
        if (message.type === "ready") resolve(message.info);
        else if (message.type === "failed") reject(errorOf(message.failure));
      });
    });
    return { queue: new CommitQueue(worker, workerData), info };
  }

  constructor(worker: Worker, { jobs, replies }: Pick<CommitWorkerData, "jobs" | "replies">) {
    this.worker = worker;
    this.jobs = new HatchIn(jobs);
    this.replies = new HatchOut(replies);
    worker.on("message", (message: FromCommitter) => this.take(message));
    worker.on("error", (cause) => this.end(new HubError("STORAGE_FAILED", "The storage's writer died. Start the hub again.", { cause })));
    worker.on("exit", () => {
      this.isGone = true;
      this.replies.bell.ring();
      this.end(closedError());
    });
    void this.listen();
  }

  /** `job` under the id that it gets. */
  push(job: (id: number) => Job): Promise<ReplyValue> {
    if (this.isClosing) return Promise.reject(closedError());
    return this.calls.call((id) => {
      this.waiting.push(job(id));
      if (this.groups.length < groupsMax) this.send();
    });
  }

  private send(): void {
    if (this.waiting.length === 0) return;
    const jobs = this.waiting;
    this.waiting = [];
    this.groups.push(jobs.length);
    const large = jobs.findIndex((job) => job.type !== "commit" || !this.jobs.put(job.id, job.bytes));
    const rest = large < 0 ? [] : jobs.slice(large);
    if (rest.length > 0) this.say({ type: "jobs", jobs: rest }, rest.flatMap(buffersOf));
    this.jobs.bell.ring();
  }

  private async listen(): Promise<void> {
    while (!this.isGone) {
      const seen = this.replies.bell.rings;
      this.takeSmall();
      await this.replies.bell.onceRung(seen);
    }
  }

  private takeSmall(): void {
    for (let bytes = this.replies.take(this.nextReplies); bytes !== null; bytes = this.replies.take(this.nextReplies)) {
      this.nextReplies += 1;
      this.answer(decodeReplies(bytes));
    }
  }

  private take(message: FromCommitter): void {
    if (message.type !== "replies") return;
    // Of all that was answered before the message, nothing else is left.
    this.takeSmall();
    this.nextReplies = message.number + 1;
    this.answer(message.replies);
  }

  private answer(replies: readonly Reply[]): void {
    for (const reply of replies) this.calls.answer(reply);
    let answered = replies.length;
    while (answered > 0) {
      const first = this.groups[0] ?? 0;
      const taken = Math.min(first, answered);
      answered -= taken;
      if (taken === first) this.groups.shift();
      else this.groups[0] = first - taken;
    }
    if (this.groups.length < groupsMax) this.send();
  }

  /** What lies in the hatch was answered, whatever became of the thread since: no message tells of it any more. */
  private end(reason: HubError): void {
    this.takeSmall();
    this.calls.end(reason);
  }

  /** All that was handed over is committed before it resolves. */
  async close(time: { nowMs: number; wallMs: number }): Promise<void> {
    this.isClosing = true;
    const end = ended(this.worker);
    this.send();
    this.say({ type: "close", ...time });
    this.jobs.bell.ring();
    await end;
  }

  private say(message: ToCommitter, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}

function buffersOf(job: Job): ArrayBuffer[] {
  if (job.type !== "commit" || !(job.bytes.buffer instanceof ArrayBuffer)) return [];
  return [job.bytes.buffer];
}
