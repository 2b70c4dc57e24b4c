/** Calls to the reader's thread. */
import { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import type { FromReader, ReadAnswers, ReadCall, ToReader } from "./protocol.ts";
import { Calls, closedError, ended } from "./worker-port.ts";

export class ReadQueue {
  private readonly worker: Worker;
  private readonly calls = new Calls<unknown>();

  constructor(folder: string) {
    this.worker = new Worker(new URL("./reader/read-worker.ts", import.meta.url), { workerData: folder });
    this.worker.on("message", (answer: FromReader) => this.calls.answer(answer));
    this.worker.on("error", (cause) =>
      this.calls.end(new HubError("STORAGE_FAILED", "The storage's reader died. Start the hub again.", { cause })),
    );
    this.worker.on("exit", () => this.calls.end(closedError()));
  }

  /** The answer's type follows from the method, by the table of the protocol. */
  async call<C extends ReadCall>(call: C): Promise<ReadAnswers[C["method"]]> {
    const answer = await this.calls.call((id) => this.worker.postMessage({ id, call } satisfies ToReader));
    return answer as ReadAnswers[C["method"]];
  }

  async close(): Promise<void> {
    const end = ended(this.worker);
    this.worker.postMessage("close");
    await end;
  }
}
