import type { Peer } from "../peer.ts";
import { redisPeer } from "../redis/server.ts";

export const bullmq: Peer = redisPeer({
  name: "bullmq",
  how: "on Redis, a worker per store",
  durable: "written; synced once a second",
  share: 0.1,
  client: "bullmq",
  fsync: "everysec",
});
