import type { Socket } from "socket.io-client";

type Packets = Parameters<Socket["io"]["engine"]["transport"]["send"]>[0];
type Corkable = { cork(): void; uncork(): void };

/**
 * What the client says in one turn leaves in few system calls: a vendor of a hundred stores has something to settle for each of them.
 * Only Node's websocket has a socket below that can be held back meanwhile; a browser sees to this by itself.
 */
export function writeAtOnce({ transport }: Socket["io"]["engine"]): void {
  const send = transport.send.bind(transport);
  transport.send = (packets: Packets) => {
    const below = packets.length > 1 ? socketBelow(transport) : null;
    below?.cork();
    try {
      send(packets);
    } finally {
      below?.uncork();
    }
  };
}

/** Neither engine.io nor ws tells its type: whatever is not there is left alone. */
function socketBelow(transport: unknown): Corkable | null {
  const below = fieldOf(fieldOf(transport, "ws"), "_socket");
  return isCorkable(below) ? below : null;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const isCorkable = (value: unknown): value is Corkable =>
  typeof fieldOf(value, "cork") === "function" && typeof fieldOf(value, "uncork") === "function";
