/** A queue per store. Its worker takes one job at a time, which keeps the store's order. */
import type { ParcelEvent } from "@waybill/events";
import { type BenchEvent, storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import { nothingToPrepare, type PeerClient } from "../peer-client.ts";

type Connection = { host: string; port: number; maxRetriesPerRequest: null };
type JobOptions = { removeOnComplete: boolean };
/** What is used of bullmq. */
type Queue = { add(name: string, data: BenchEvent, options: JobOptions): Promise<unknown>; close(): Promise<void> };
type Worker = { waitUntilReady(): Promise<unknown>; close(): Promise<void> };
type BullMq = {
  Queue: new (name: string, options: { connection: Connection }) => Queue;
  Worker: new (
    name: string,
    work: (job: { data: ParcelEvent }) => Promise<void>,
    options: { connection: Connection; concurrency: number },
  ) => Worker;
};

export function bullmqClient(at: Access["at"]): PeerClient {
  const connection: Connection = { host: "127.0.0.1", port: Number(textOf(at, "port")), maxRetriesPerRequest: null };
  return {
    prepare: nothingToPrepare,
    async producer() {
      const { Queue } = await loadModule<BullMq>("bullmq");
      const queues = new Map<string, Queue>();
      const queueFor = ({ store }: BenchEvent): Queue => {
        const queue = queues.get(store) ?? new Queue(store, { connection });
        queues.set(store, queue);
        return queue;
      };
      return {
        publish: (event) => queueFor(event).add(event.type, event, { removeOnComplete: true }),
        close: async () => void (await Promise.all([...queues.values()].map((queue) => queue.close()))),
      };
    },
    async consumer(stores, handle) {
      const { Worker } = await loadModule<BullMq>("bullmq");
      const work = async ({ data }: { data: ParcelEvent }): Promise<void> => void handle(data);
      const workers = stores.map((store) => new Worker(storeName(store), work, { connection, concurrency: 1 }));
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      return { close: async () => void (await Promise.all(workers.map((worker) => worker.close()))) };
    },
  };
}
