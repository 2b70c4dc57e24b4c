import type { IncomingMessage } from "node:http";
import type { Socket as Connection, Server as Engine } from "engine.io";

export type AllowRequestOptions = {
  /** Origins of pages that may connect, such as `https://board.example`; the hub's own pages always may. */
  origins: readonly string[];
  connectionsMax: number;
  unauthenticatedPerAddressMax: number;
  isDraining: () => boolean;
  /** Told of each refusal, for counters and the log. */
  onRefused?: (why: RefusedWhy, address: string) => void;
};
export type RefusedWhy = "draining" | "origin" | "connections" | "address";

const messages: Record<RefusedWhy, string> = {
  draining: "This hub is leaving; try again.",
  origin: "Pages of this origin may not connect; the hub's operator lists them with --origins.",
  connections: "The hub has as many connections as it takes; try again later.",
  address: "Too many connections from this address have not shown a token yet; try again later.",
};

export type Gate = {
  /** For Engine.IO's option of the same name. A refusal here is not final: clients keep trying. */
  allowRequest(request: IncomingMessage, answer: (message: string | null | undefined, ok: boolean) => void): void;
  /** Starts to count the engine's connections, and shows each to `onOpened`; a second call for the same engine does nothing. */
  watch(engine: Engine, onOpened?: (connection: Connection) => void): void;
  /** The connection has shown a good token: it no longer counts for its address (a fleet sits behind one carrier's). */
  authenticated(connection: Connection): void;
};

/** Decides before anything of a connection exists, from what is known then: its origin, its address, how full the hub is. */
export function createAllowRequest(options: AllowRequestOptions): Gate {
  const origins = new Set(options.origins);
  const unauthenticated = new Map<string, number>();
  const pending = new WeakSet<Connection>();
  const watched = new WeakSet<Engine>();
  let connections = 0;

  /** `this`: the connection. One listener for all of them. */
  function onClose(this: Connection): void {
    connections -= 1;
    release(this, addressOf(this.remoteAddress));
  }

  const release = (connection: Connection, address: string) => {
    if (!pending.delete(connection)) return;
    const left = (unauthenticated.get(address) ?? 1) - 1;
    if (left > 0) unauthenticated.set(address, left);
    else unauthenticated.delete(address);
  };

  const refusal = (request: IncomingMessage): RefusedWhy | null => {
    if (options.isDraining()) return "draining";
    const { origin, host } = request.headers;
    if (origin !== undefined && !origins.has(origin) && !isSameHost(origin, host)) return "origin";
    if (connections >= options.connectionsMax) return "connections";
    const waiting = unauthenticated.get(addressOf(request.socket.remoteAddress)) ?? 0;
    return waiting >= options.unauthenticatedPerAddressMax ? "address" : null;
  };

  return {
    allowRequest(request, answer) {
      const why = refusal(request);
      if (why === null) return answer(null, true);
      options.onRefused?.(why, addressOf(request.socket.remoteAddress));
      answer(messages[why], false);
    },
    watch(engine, onOpened) {
      if (watched.has(engine)) return;
      watched.add(engine);
      engine.on("connection", (connection: Connection) => {
        const address = addressOf(connection.remoteAddress);
        onOpened?.(connection);
        connections += 1;
        pending.add(connection);
        unauthenticated.set(address, (unauthenticated.get(address) ?? 0) + 1);
        connection.on("close", onClose);
      });
    },
    authenticated: (connection) => release(connection, addressOf(connection.remoteAddress)),
  };
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** An IPv6 subscriber has a /64, so that counts as one; IPv4 in IPv6 clothes is IPv4. */
export function addressOf(remoteAddress: string | undefined): string {
  const address = (remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
  if (!address.includes(":")) return address;
  const [left = "", right] = address.split("::");
  const high = left.split(":").filter(Boolean);
  const low = (right ?? "").split(":").filter(Boolean);
  const zeros = right === undefined ? 0 : 8 - high.length - low.length;
  const groups = [...high, ...Array<string>(Math.max(0, zeros)).fill("0"), ...low];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
