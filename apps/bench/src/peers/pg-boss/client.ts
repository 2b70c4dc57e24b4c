/** A queue per store. What a producer has to say in one turn is one insert; a consumer goes around its queues, and fetches and completes in batches. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ParcelEvent } from "@waybill/events";
import { type BenchEvent, storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import { gather } from "../gather.ts";
import type { PeerClient } from "../peer-client.ts";

/** What is used of pg-boss. */
type Boss = {
  on(event: "error", hear: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  insert(jobs: { name: string; data: BenchEvent }[]): Promise<unknown>;
  fetch(name: string, options: { batchSize: number }): Promise<{ id: string; data: ParcelEvent }[]>;
  complete(name: string, ids: string[]): Promise<unknown>;
};
type PgBoss = new (options: { connectionString: string; max: number; supervise: boolean; schedule: boolean }) => Boss;

type Publish = { event: BenchEvent; done: () => void; failed: (error: unknown) => void };

const BATCH_EVENTS = 512;
/** Between two rounds over queues that were all empty. */
const REST_MS = 20;

export function pgBossClient(at: Access["at"]): PeerClient {
  const start = async (): Promise<Boss> => {
    const Boss = await loadModule<PgBoss>("pg-boss");
    const connectionString = `postgres://bench@127.0.0.1:${textOf(at, "port")}/postgres`;
    const boss = new Boss({ connectionString, max: 1, supervise: false, schedule: false });
    boss.on("error", (error) => {
      throw error;
    });
    await boss.start();
    return boss;
  };
  return {
    async prepare(shares) {
      const boss = await start();
      for (const store of shares.flat()) await boss.createQueue(storeName(store));
      await boss.stop({ graceful: true });
    },
    async producer() {
      const boss = await start();
      const send = gather<Publish>((publishes) => {
        boss.insert(publishes.map(({ event }) => ({ name: event.store, data: event }))).then(
          () => {
            for (const { done } of publishes) done();
          },
          (error: unknown) => {
            for (const { failed } of publishes) failed(error);
          },
        );
      });
      return {
        publish: (event) => new Promise<void>((done, failed) => send({ event, done, failed })),
        close: () => boss.stop({ graceful: true }),
      };
    },
    async consumer(stores, handle) {
      const boss = await start();
      let isClosed = false;
      const takeFrom = async (queue: string): Promise<number> => {
        const jobs = await boss.fetch(queue, { batchSize: BATCH_EVENTS });
        for (const { data } of jobs) handle(data);
        if (jobs.length > 0)
          await boss.complete(
            queue,
            jobs.map(({ id }) => id),
          );
        return jobs.length;
      };
      const goAround = async (): Promise<void> => {
        while (!isClosed) {
          let taken = 0;
          for (const store of stores) taken += await takeFrom(storeName(store));
          if (taken === 0) await sleep(REST_MS);
        }
      };
      const going = goAround();
      return {
        async close() {
          isClosed = true;
          await going;
          await boss.stop({ graceful: true });
        },
      };
    },
  };
}
