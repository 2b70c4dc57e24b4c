import type { Socket as Connection } from "engine.io";

/** What a turn of the loop sends to one peer leaves in few system calls: a write for each packet is half of what a delivery costs the hub. */
type Corkable = { cork(): void; uncork(): void };

/**
 * All packets of one flush become one write. `flush` and `drain` of a connection embrace the handing over of its packets, in one turn;
 * a transport without a socket of its own (polling) has nothing to hold back.
 */
export function cork(connection: Connection, packets: readonly unknown[]): void {
  if (packets.length > 1) socketBelow(connection)?.cork?.();
}

/** Does nothing to a socket that was not corked. */
export function uncork(connection: Connection): void {
  socketBelow(connection)?.uncork?.();
}

/** Neither engine.io nor ws tells its type: whatever is not there is left alone. */
type Below = { socket?: { _socket?: Partial<Corkable> | null } | null };
const socketBelow = ({ transport }: Connection): Partial<Corkable> | null | undefined => (transport as Below).socket?._socket;
