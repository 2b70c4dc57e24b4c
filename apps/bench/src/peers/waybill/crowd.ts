import { io, type Socket } from "socket.io-client";
import { cpuUsOf, startBenchHub, tempFolder } from "../../crew/bench-hub.ts";
import { storeName, storeQueue } from "../../load/bench-event.ts";
import { fillFolder } from "../../load/fill-folder.ts";
import { settledMemoryMb } from "../../measure/memory.ts";
import type { StartCrowd } from "../crowd.ts";

const PARCEL = "p-0";
const BYTES = 250;

export const startHubForCrowd: StartCrowd = async ({ supervisor, profile }) => {
  const folder = tempFolder();
  const hub = await startBenchHub({ supervisor, profile, dataDir: folder.path, args: ["--ballast-mb", "1"] });
  const sockets: Socket[] = [];
  const vendorToken = (store: number): string => hub.token({ role: "vendor", sub: "bench", stores: [storeName(store)] });

  const open = async (namespace: string, token: string): Promise<Socket> => {
    const socket = io(`${hub.url}${namespace}`, { auth: { token }, forceNew: true, transports: ["websocket"] });
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.once("welcome", () => resolve()));
    return socket;
  };

  return {
    pid: hub.program.pid,
    cpuUs: () => cpuUsOf(hub),
    memoryMb: () => settledMemoryMb(hub.program),
    member: (store) => ({
      url: `${hub.url}/vendor`,
      auth: { token: vendorToken(store) },
      readyOn: "welcome",
      hello: ["subscribe", { queue: storeQueue(store) }],
    }),
    /** Whoever holds a job tells its parcel's store where it is. */
    async courier() {
      const vendor = await open("/vendor", vendorToken(0));
      await vendor.emitWithAck("ready", { parcel: PARCEL, store: storeName(0), data: { zone: "north" } });
      vendor.disconnect();
      const driver = await open("/driver", hub.token({ role: "driver", sub: "dana", driver: "dana" }));
      await driver.emitWithAck("take", { parcel: PARCEL });
      return () => void driver.emit("position", { parcel: PARCEL, lat: 51.5, lng: -0.1 });
    },
    async crash(stores) {
      await hub.program.kill();
      await fillFolder({ folder: folder.path, phase: "missed", events: stores.length, bytes: BYTES, stores });
      await hub.restart();
      return 1;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.disconnect();
      await hub.close();
      folder[Symbol.dispose]();
    },
  };
};
