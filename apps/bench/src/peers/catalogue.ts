import { bullmq } from "./bullmq/server.ts";
import { mosquitto } from "./mosquitto/server.ts";
import { nats } from "./nats/server.ts";
import type { Peer } from "./peer.ts";
import { pgBoss } from "./pg-boss/server.ts";
import { rabbitmq } from "./rabbitmq/server.ts";
import { redis } from "./redis/server.ts";
import { socketio, socketioAck } from "./socketio/server.ts";
import { waybill, waybillFile, waybillPlain } from "./waybill/server.ts";

const own: readonly Peer[] = [waybill, waybillFile, waybillPlain];
const others: readonly Peer[] = [socketio, socketioAck, redis, rabbitmq, nats, bullmq, mosquitto, pgBoss];
const catalogue: readonly Peer[] = [...own, ...others];

export const peerNames: readonly string[] = catalogue.map(({ name }) => name);
export const isOwn = (name: string): boolean => own.some((peer) => peer.name === name);

export type Chosen = { peers: Peer[]; missing: string[] };

/**
 * Those of these names, or `all`. Waybill's own ways are measured in every run, all of them unless some are named. Who cannot run here is
 * told with how to get it, and is not measured.
 */
export async function choosePeers(names: readonly string[]): Promise<Chosen> {
  const isOwnNamed = names.some(isOwn);
  const chosen: Chosen = { peers: [], missing: [] };
  for (const peer of catalogue) {
    const isDue = names.includes("all") || names.includes(peer.name) || (!isOwnNamed && isOwn(peer.name));
    const missing = isDue ? await peer.missing() : null;
    if (missing !== null) chosen.missing.push(`${peer.name} was not measured: ${missing}`);
    else if (isDue) chosen.peers.push(peer);
  }
  return chosen;
}
