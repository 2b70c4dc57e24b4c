/** A server for workloads of a great many connections, each a bare Socket.IO client: one store's socket, whichever server it is. */
import { z } from "zod";
import type { PeerServer, StartPeer } from "./peer.ts";

/** Told to the worker, so plain data. */
export const memberSchema = z.strictObject({
  url: z.string(),
  auth: z.record(z.string(), z.string()),
  /** From this event on it may speak. */
  readyOn: z.enum(["connect", "welcome"]),
  /** Said then, and answered: from there on it hears its store's events. */
  hello: z.tuple([z.string(), z.unknown()]),
});
export type Member = z.output<typeof memberSchema>;

export type CrowdServer = AsyncDisposable &
  Pick<PeerServer, "pid" | "cpuUs" | "memoryMb"> & {
    member(store: number): Member;
    /** Makes ready to send positions to the room of store 0; what it resolves with sends one. */
    courier(): Promise<() => void>;
    /** Dies as in a crash; one event is published for each of these stores meanwhile, where that is possible; starts again. Answers how many each has missed. */
    crash(stores: readonly number[]): Promise<number>;
  };

export type StartCrowd = (options: StartPeer) => Promise<CrowdServer>;
