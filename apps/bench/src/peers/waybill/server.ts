import type { RunningHub } from "@waybill/testkit";
import { cpuUsOf, startBenchHub, tempFolder } from "../../crew/bench-hub.ts";
import { unsettledFaults } from "../../crew/unsettled.ts";
import { fillFolder } from "../../load/fill-folder.ts";
import { settledMemoryMb } from "../../measure/memory.ts";
import type { Access } from "../access.ts";
import { nothingMissing, type Peer, type PeerServer } from "../peer.ts";
import { startHubForCrowd } from "./crowd.ts";

/** As many as any workload has. */
const PRODUCERS_MAX = 16;

type How = { client?: "waybill" | "waybill-plain"; outbox?: "memory" | "file" };

export function accessTo(hub: RunningHub, { client = "waybill", outbox = "memory" }: How = {}): Access {
  const drivers = Array.from({ length: PRODUCERS_MAX }, (_, index) => {
    const name = `bench-${index}`;
    return hub.token({ role: "driver", sub: name, driver: name });
  });
  return { client, at: { url: hub.url, drivers, vendor: hub.token({ role: "vendor", sub: "bench", stores: "*" }), outbox } };
}

/** A hub as a peer's server; it is ended by whoever started it. */
export const serverOf = (hub: RunningHub, how: How = {}): Omit<PeerServer, typeof Symbol.asyncDispose> => ({
  access: accessTo(hub, how),
  pid: hub.program.pid,
  cpuUs: () => cpuUsOf(hub),
  memoryMb: () => settledMemoryMb(hub.program),
  faults: () => unsettledFaults(hub),
});

const waybillPeer = (name: string, label: string, how: How): Peer => ({
  name,
  how: label,
  durable: "on disk",
  share: 1,
  keeps: true,
  needsClients: false,
  missing: nothingMissing,
  async start(options) {
    const hub = await startBenchHub(options);
    return { ...serverOf(hub, how), [Symbol.asyncDispose]: () => hub.close() };
  },
  async startFilled({ fillings, ...options }) {
    const folder = tempFolder();
    for (const filling of fillings) await fillFolder({ ...filling, folder: folder.path });
    const hub = await startBenchHub({ ...options, dataDir: folder.path, args: ["--ballast-mb", "1"] });
    return {
      ...serverOf(hub, how),
      async [Symbol.asyncDispose]() {
        await hub.close();
        folder[Symbol.dispose]();
      },
    };
  },
});

export const waybill: Peer = { ...waybillPeer("waybill", "SDK", {}), startCrowd: startHubForCrowd };
export const waybillFile = waybillPeer("waybill-file", "SDK, outbox in a file", { outbox: "file" });
export const waybillPlain = waybillPeer("waybill-plain", "plain clients, a packet per event", { client: "waybill-plain" });
