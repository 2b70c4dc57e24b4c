import type { Socket as Connection } from "engine.io";

/** What a turn of the loop sends to one peer leaves in few system calls: a write for each packet is half of what a delivery costs the hub. */
type Corkable = { cork(): void; uncork(): void };

/**
 * All packets of one flush become one write. `flush` and `drain` of a connection embrace the handing over of its packets, in one turn;
 * a transport without a socket of its own (polling) has nothing to hold back.
 */
export function writeAtOnce(connection: Connection): void {
  connection.on("flush", cork);
  connection.on("drain", uncork);
}

// The same two listeners for all connections.
function cork(this: Connection, packets: readonly unknown[]): void {
  if (packets.length > 1) socketBelow(this)?.cork();
}

/** Does nothing to a socket that was not corked. */
function uncork(this: Connection): void {
  socketBelow(this)?.uncork();
}

/** Neither engine.io nor ws tells its type: whatever is not there is left alone. */
function socketBelow(connection: Connection): Corkable | null {
  const below = fieldOf(fieldOf(connection.transport, "socket"), "_socket");
  return isCorkable(below) ? below : null;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const isCorkable = (value: unknown): value is Corkable =>
  typeof fieldOf(value, "cork") === "function" && typeof fieldOf(value, "uncork") === "function";
