/** Calls into a worker: each gets its answer or its failure; when the worker is gone, all of them fail. */
import type { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import type { Failure } from "./protocol.ts";

type Answer<V> = { id: number; value: V } | { id: number; failure: Failure };

export const errorOf = ({ code, message }: Failure): HubError => new HubError(code, message);

export class Calls<V> {
  private readonly open = new Map<number, { resolve: (value: V) => void; reject: (error: Error) => void }>();
  private nextId = 1;
  private gone: HubError | null = null;

  /** `send` hands the call over under its id. */
  call(send: (id: number) => void): Promise<V> {
    if (this.gone !== null) return Promise.reject(this.gone);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      send(id);
    });
  }

  answer(answer: Answer<V>): void {
    const call = this.open.get(answer.id);
    this.open.delete(answer.id);
    if ("failure" in answer) call?.reject(errorOf(answer.failure));
    else call?.resolve(answer.value);
  }

  end(reason: HubError): void {
    this.gone ??= reason;
    for (const { reject } of this.open.values()) reject(reason);
    this.open.clear();
  }
}

/** Resolves when the thread has ended. */
export const ended = (worker: Worker): Promise<void> => new Promise((resolve) => worker.once("exit", () => resolve()));

export const closedError = (): HubError => new HubError("STORAGE_FAILED", "The storage is closed.");
