import { type Crowd, startCrowd } from "../crew/clients.ts";
import type { CrowdServer } from "../peers/crowd.ts";
import type { Peer } from "../peers/peer.ts";
import type { Measures, Setting } from "../workload.ts";

/** So many handshakes are under way at once while a crowd gathers. */
const AT_ONCE = 64;

type Gathered = { server: CrowdServer; crowd: Crowd; beforeMb: number };

/** A server, and a crowd of clients that are all connected: each of a store of its own, or all of store 0. */
export async function withCrowd(
  peer: Peer,
  { events: members, profile, supervisor }: Setting,
  { storeOf, measure }: { storeOf: (member: number) => number; measure: (gathered: Gathered) => Promise<Measures> },
): Promise<Measures> {
  if (peer.startCrowd === undefined) throw new Error(`${peer.name} serves no crowd.`);
  await using server = await peer.startCrowd({ supervisor, profile });
  const crowd = await startCrowd(
    supervisor,
    { members: Array.from({ length: members }, (_, index) => server.member(storeOf(index))) },
    profile,
  );
  const beforeMb = await server.memoryMb();
  await crowd.open(Math.min(AT_ONCE, members));
  const measures = await measure({ server, crowd, beforeMb });
  await crowd.stop();
  return measures;
}
