import type { Socket as Connection } from "engine.io";

/** What may wait for a peer that takes nothing. Credit bounds it long before for each subscription; a socket may have thousands. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;
/** So long nothing was taken. A peer that reads answers pings, and is let go for that after 15 s; one may answer without reading. */
const STALLED_MS = 10_000;

/** Called once, when a peer takes nothing and holds too much of the hub's memory. */
export type OnStalled = (connection: Connection, waitingBytes: number) => void;

type Outgoing = { waitingBytes: number; takenMs: number; hasStalled: boolean; onStalled: OnStalled; monotonicMs: () => number };
/** Kept at the connection itself: it is looked at for each packet to each of thousands of sockets, and a map of them all costs more than the rest. */
const OUTGOING = Symbol("outgoing");
type Watched = Connection & { [OUTGOING]?: Outgoing };

/** Bytes that the hub holds for this peer because it does not read as fast as it is sent to. */
export const waitingBytesOf = (connection: Watched): number => connection[OUTGOING]?.waitingBytes ?? 0;

const processMs = () => performance.now();

export function startCounting(connection: Watched, onStalled: OnStalled, monotonicMs = processMs): void {
  connection[OUTGOING] = { waitingBytes: 0, takenMs: monotonicMs(), hasStalled: false, onStalled, monotonicMs };
}

/** A packet waits for the peer. */
export const count = (connection: Watched, { data }: { data?: unknown }): void => countBytes(connection, sizeOf(data));

export function countBytes(connection: Watched, bytes: number): void {
  const state = connection[OUTGOING];
  if (!state) return;
  state.waitingBytes += bytes;
  const isStalled = state.waitingBytes > WAITING_BYTES_MAX && state.monotonicMs() - state.takenMs > STALLED_MS;
  if (!isStalled || state.hasStalled) return;
  state.hasStalled = true;
  state.onStalled(connection, state.waitingBytes);
}

/** All that waited goes to the transport at once, as soon as that has got rid of what it had before. */
export function taken(connection: Watched): void {
  const state = connection[OUTGOING];
  if (!state) return;
  state.waitingBytes = 0;
  state.takenMs = state.monotonicMs();
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof Uint8Array ? data.length : 0;
}
