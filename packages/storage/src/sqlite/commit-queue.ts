/**
 * Jobs on their way to the committer. It makes one commit of all that came by the time it can begin the next, so they go over at once,
 * those of one turn as one message; only beyond `groupsMax` do they wait here.
 */
import { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import type { StorageInfo } from "../port.ts";
import { Bell } from "./bell.ts";
import type { CommitterOptions, CommitWorkerData, FromCommitter, Job, ReplyValue, ToCommitter } from "./protocol.ts";
import { Calls, closedError, ended, errorOf } from "./worker-port.ts";

const groupsMax = 16;

export class CommitQueue {
  private readonly worker: Worker;
  private readonly bell: Bell;
  private readonly calls = new Calls<ReplyValue>();
  private waiting: Job[] = [];
  /** Jobs of each message that is not answered yet. */
  private readonly groups: number[] = [];
  private isClosing = false;

  /** Resolves when the data folder is open and its epoch raised. */
  static async start(options: CommitterOptions): Promise<{ queue: CommitQueue; info: StorageInfo }> {
    const bell = new Bell();
    const workerData: CommitWorkerData = { options, bell: bell.memory };
    const worker = new Worker(new URL("./committer/commit-worker.ts", import.meta.url), { workerData });
    const info = await new Promise<StorageInfo>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (message: FromCommitter) => {
        if (message.type === "ready") resolve(message.info);
        else if (message.type === "failed") reject(errorOf(message.failure));
      });
    });
    return { queue: new CommitQueue(worker, bell), info };
  }

  constructor(worker: Worker, bell: Bell) {
    this.worker = worker;
    this.bell = bell;
    worker.on("message", (message: FromCommitter) => this.take(message));
    worker.on("error", (cause) =>
      this.calls.end(new HubError("STORAGE_FAILED", "The storage's writer died. Start the hub again.", { cause })),
    );
    worker.on("exit", () => this.calls.end(closedError()));
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
    this.say({ type: "jobs", jobs }, jobs.flatMap(buffersOf));
  }

  private take(message: FromCommitter): void {
    if (message.type !== "replies") return;
    for (const reply of message.replies) this.calls.answer(reply);
    let answered = message.replies.length;
    while (answered > 0) {
      const first = this.groups[0] ?? 0;
      const taken = Math.min(first, answered);
      answered -= taken;
      if (taken === first) this.groups.shift();
      else this.groups[0] = first - taken;
    }
    if (this.groups.length < groupsMax) this.send();
  }

  /** All that was handed over is committed before it resolves. */
  async close(time: { nowMs: number; wallMs: number }): Promise<void> {
    this.isClosing = true;
    const end = ended(this.worker);
    this.send();
    this.say({ type: "close", ...time });
    await end;
  }

  private say(message: ToCommitter, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
    this.bell.ring();
  }
}

function buffersOf(job: Job): ArrayBuffer[] {
  if (job.type !== "commit" || job.items === null || !(job.items.buffer instanceof ArrayBuffer)) return [];
  return [job.items.buffer];
}
