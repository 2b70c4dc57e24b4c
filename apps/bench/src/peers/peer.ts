/** Who is measured: how its server is started, and what it promises. Its clients are in `peer-client.ts`. */

import type { Supervisor } from "@waybill/testkit";
import type { Filling } from "../load/fill-folder.ts";
import type { Profiling } from "../measure/profiling.ts";
import type { Access } from "./access.ts";
import type { StartCrowd } from "./crowd.ts";

export type PeerServer = AsyncDisposable & {
  readonly access: Access;
  readonly pid: number;
  /** Processor time of all its processes so far, in µs; NaN where the system does not tell. */
  cpuUs(): Promise<number>;
  /** What it holds now, without garbage where it can be told to collect that; in MB. */
  memoryMb(): Promise<number>;
  /** Broken promises that no consumer's account shows. */
  faults(): Promise<string[]>;
};

export type StartPeer = { supervisor: Supervisor; profile: Profiling | undefined };

export type Peer = {
  name: string;
  /** For people: which of its ways is measured. */
  how: string;
  /** Where an event is when its publish is confirmed. */
  durable: string;
  /** Of a workload's events: who moves a tenth a second need not take ten times as long. */
  share: number;
  /** Whether it keeps events for consumers that are away. */
  keeps: boolean;
  /** Its clients are in `apps/bench/peers`, and installed when it is asked for. */
  needsClients: boolean;
  /** Why it cannot run here, and how to get it. */
  missing(): Promise<string | null>;
  start(options: StartPeer): Promise<PeerServer>;
  /** One that holds these events already, where that is faster than to publish them. */
  startFilled?(options: StartPeer & { fillings: readonly Omit<Filling, "folder">[] }): Promise<PeerServer>;
  /** Where it serves bare Socket.IO clients, by the thousand. */
  startCrowd?: StartCrowd;
};

export const nothingMissing = async (): Promise<null> => null;
export const noFaults = async (): Promise<string[]> => [];
