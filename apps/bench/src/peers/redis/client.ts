/** A stream per store, with one group: XADD, each confirmed; XREADGROUP over the consumer's streams, and one XACK for each stream that was read. */
import { homeOf, storeQueue } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import type { PeerClient } from "../peer-client.ts";

type Read = [stream: string, entries: [id: string, fields: string[]][]][];

/** What is used of ioredis. */
export interface Redis {
  xadd(stream: string, id: "*", field: string, value: string): Promise<string>;
  xack(stream: string, group: string, ...ids: string[]): Promise<number>;
  xgroup(...args: string[]): Promise<unknown>;
  xreadgroup(...args: (string | number)[]): Promise<Read | null>;
  quit(): Promise<unknown>;
  disconnect(): void;
}
type IoRedis = {
  Redis: new (options: { host: string; port: number; enableAutoPipelining?: boolean; maxRetriesPerRequest: null }) => Redis;
};

const GROUP = "main";
const READ_EVENTS = 512;
const BLOCK_MS = 1_000;

export async function connectRedis(at: Access["at"]): Promise<Redis> {
  const { Redis } = await loadModule<IoRedis>("ioredis");
  // What is asked in one turn leaves in one write.
  return new Redis({ host: "127.0.0.1", port: Number(textOf(at, "port")), enableAutoPipelining: true, maxRetriesPerRequest: null });
}

export function redisClient(at: Access["at"]): PeerClient {
  return {
    async prepare(shares) {
      const redis = await connectRedis(at);
      await Promise.all(shares.flat().map((store) => redis.xgroup("CREATE", storeQueue(store), GROUP, "0", "MKSTREAM")));
      await redis.quit();
    },
    async producer() {
      const redis = await connectRedis(at);
      return {
        publish: (event) => redis.xadd(homeOf(event), "*", "event", JSON.stringify(event)),
        close: async () => void (await redis.quit()),
      };
    },
    async consumer(stores, handle) {
      const [reading, acking] = await Promise.all([connectRedis(at), connectRedis(at)]);
      const streams = stores.map(storeQueue);
      const acks = new Set<Promise<unknown>>();
      let isClosed = false;
      const read = async (): Promise<void> => {
        while (!isClosed) {
          const found = await reading.xreadgroup(
            ...["GROUP", GROUP, "bench", "COUNT", READ_EVENTS, "BLOCK", BLOCK_MS, "STREAMS"],
            ...streams,
            ...streams.map(() => ">"),
          );
          for (const [stream, entries] of found ?? []) {
            for (const [, [, value = ""]] of entries) handle(JSON.parse(value));
            const ack: Promise<unknown> = acking.xack(stream, GROUP, ...entries.map(([id]) => id)).finally(() => acks.delete(ack));
            acks.add(ack);
          }
        }
      };
      const reader = read();
      return {
        async close() {
          isClosed = true;
          await reader;
          await Promise.all(acks);
          await Promise.all([reading.quit(), acking.quit()]);
        },
      };
    },
  };
}
