import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "@waybill/events";
import { io } from "socket.io-client";
import type { WorkerConfig } from "../workers/worker-config.ts";

const STORES = 4;
const CONNECT_MS = 3_000;

/** One more vendor that asks for all the credit there is, and then reads nothing any more: the hub must not hold its data without end. */
export async function neverRead(url: string, { vendors }: WorkerConfig, lastsMs: number): Promise<void> {
  const [seat] = vendors;
  if (!seat) return;
  const socket = io(`${url}/vendor`, {
    auth: { token: seat.token, protocol: 1, sdk: "never-reads/0" },
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
  });
  const credit = { events: limits.creditEventsMax, bytes: limits.creditBytesMax };
  const subscribed = seat.stores
    .slice(0, STORES)
    .map((store) => ({ queue: `store/${store}`, credit, instance: `never-reads-${Date.now()}` }));
  try {
    await Promise.all(subscribed.map((request) => socket.timeout(CONNECT_MS).emitWithAck("subscribe", request)));
    stopReading(socket);
    await sleep(lastsMs);
  } catch {
    // The hub is away just now: then nobody reads nothing.
  } finally {
    socket.disconnect();
  }
}

/** No API stops a client from reading; its TCP socket can. */
function stopReading(socket: object): void {
  let found: unknown = socket;
  for (const name of ["io", "engine", "transport", "ws", "_socket"]) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined;
  }
  if (typeof found === "object" && found !== null && "pause" in found && typeof found.pause === "function") found.pause();
  else throw new Error("This version of the client hides its TCP socket elsewhere.");
}
