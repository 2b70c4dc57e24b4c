/** Clients by name. A worker loads the one that it is told, and no other. */
import type { Access } from "./access.ts";
import type { PeerClient } from "./peer-client.ts";

const loaders: Readonly<Record<string, () => Promise<(at: Access["at"]) => PeerClient>>> = {
  waybill: async () => (await import("./waybill/sdk-client.ts")).sdkClient,
  "waybill-plain": async () => (await import("./waybill/plain-client.ts")).plainClient,
  "socketio-frames": async () => (await import("./socketio/frames-client.ts")).framesClient,
  "socketio-packets": async () => (await import("./socketio/packets-client.ts")).packetsClient,
  redis: async () => (await import("./redis/client.ts")).redisClient,
  rabbitmq: async () => (await import("./rabbitmq/client.ts")).rabbitmqClient,
  nats: async () => (await import("./nats/client.ts")).natsClient,
  bullmq: async () => (await import("./bullmq/client.ts")).bullmqClient,
  mosquitto: async () => (await import("./mosquitto/client.ts")).mosquittoClient,
  "pg-boss": async () => (await import("./pg-boss/client.ts")).pgBossClient,
};

export async function loadClient({ client, at }: Access): Promise<PeerClient> {
  const load = loaders[client];
  if (load === undefined) throw new Error(`The bench has no client ${client}.`);
  const create = await load();
  return create(at);
}
