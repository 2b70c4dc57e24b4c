import type { Socket as Connection } from "engine.io";

/** What a turn of the loop sends to one peer leaves in few system calls: a write for each packet is half of what a delivery costs the hub. */
type Corkable = { cork(): void; uncork(): void };

/**
 * All packets of one flush become one write. `flush` and `drain` of a connection embrace the handing over of its packets, in one turn;
 * a transport without a socket of its own (polling) has nothing to hold back.
 */
export function writeAtOnce(connection: Connection): void {
  let corked: Corkable | null = null;
  connection.on("flush", (packets: readonly unknown[]) => {
    if (packets.length < 2) return;
    corked = socketBelow(connection);
    corked?.cork();
  });
  connection.on("drain", () => {
    corked?.uncork();
    corked = null;
  });
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
