import type { Socket as Connection } from "engine.io";

/** What may wait for a peer that takes nothing. Credit bounds it long before for each subscription; a socket may have thousands. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;
/** So long nothing was taken. A peer that reads answers pings, and is let go for that after 15 s; one may answer without reading. */
const STALLED_MS = 10_000;

type Outgoing = { waitingBytes: number; takenMs: number };
const outgoing = new WeakMap<Connection, Outgoing>();

/** Bytes that the hub holds for this peer because it does not read as fast as it is sent to. */
export const waitingBytesOf = (connection: Connection): number => outgoing.get(connection)?.waitingBytes ?? 0;

/** Counts what waits for the peer, and calls `onStalled`, once, when it takes nothing and holds too much of the hub's memory. */
export function watchOutgoing(
  connection: Connection,
  onStalled: (waitingBytes: number) => void,
  monotonicMs = () => performance.now(),
): void {
  const state: Outgoing = { waitingBytes: 0, takenMs: monotonicMs() };
  outgoing.set(connection, state);
  let hasStalled = false;
  connection.on("packetCreate", ({ data }: { data?: unknown }) => {
    state.waitingBytes += sizeOf(data);
    const isStalled = state.waitingBytes > WAITING_BYTES_MAX && monotonicMs() - state.takenMs > STALLED_MS;
    if (!isStalled || hasStalled) return;
    hasStalled = true;
    onStalled(state.waitingBytes);
  });
  // All that waited goes to the transport at once, as soon as that has got rid of what it had before.
  connection.on("flush", () => {
    state.waitingBytes = 0;
    state.takenMs = monotonicMs();
  });
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof Uint8Array ? data.length : 0;
}
