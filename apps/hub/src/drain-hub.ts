/**
 * How a hub leaves. Nothing that happens here counts as an attempt. States:
 *
 *   finishing    – clients are told, nothing is offered, requests are refused; what is in hand may be finished.
 *                                                    → handing back: all hands are empty, or the time is over
 *   handing back – what is left goes back and its consumers are told; answers and last acks are on their way.  → closing
 *   closing      – connections close so that clients come back by themselves; all is stored.                    → gone
 */
import type { Draining } from "@waybill/events";
import type { Server, Socket } from "socket.io";
import type { Committer } from "./commit/committer.ts";
import type { Registry } from "./dispatch/registry.ts";

/** Clients come back within this time after they were told; spread, so that they do not come all at once. */
const COME_BACK_MS = 3_000;
/** Answers that are on their way get so long before the connections close. */
const LAST_WORDS_MS = 200;

export type Drained = {
  /** Events that were in hand when the time was over. */
  handedBack: number;
  /** How long it took. */
  ms: number;
};

export async function drainHub(parts: { io: Server; registry: Registry; committer: Committer; drainMs: number }): Promise<Drained> {
  const { io, registry, committer, drainMs } = parts;
  const sinceMs = performance.now();
  for (const socket of socketsOf(io)) tellDraining(socket);
  registry.stopOffering();
  await within(drainMs, registry.handsEmpty());

  const handedBack = registry.handBack();
  await committer.idle();
  await pause(LAST_WORDS_MS);

  // Not `disconnect()`: after that an official client never comes back by itself.
  for (const socket of socketsOf(io)) socket.conn.close();
  await registry.drain();
  await committer.idle();
  await io.close();
  return { handedBack, ms: Math.round(performance.now() - sinceMs) };
}

export function tellDraining(socket: Socket): void {
  socket.emit("draining", { reconnectInMs: Math.floor(Math.random() * COME_BACK_MS) } satisfies Draining);
}

const socketsOf = (io: Server): Socket[] => [...io._nsps.values()].flatMap(({ sockets }) => [...sockets.values()]);

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
