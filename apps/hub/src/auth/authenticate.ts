import { type Auth, authSchema, HubError, limits, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN, readOwnNamespace } from "@waybill/events";
import type { Socket } from "socket.io";
import { refusal } from "../edge/refusal.ts";
import type { EdgeReport } from "../edge/socket-edge.ts";
import { entryRefusal } from "./entry.ts";
import { Expiries } from "./expiries.ts";
import type { Identity, Tokens } from "./tokens.ts";

/** What a socket that passed the middleware carries in `socket.data`. */
export type SocketData = {
  identity: Identity;
  /** Absent: a plain client. */
  protocol?: number;
  sdk?: string;
};

export type AuthenticateParts = {
  tokens: Tokens;
  /** Tenants have namespaces of their own. Default: they share three. */
  ownNamespaces?: boolean;
  wallMs: () => number;
  report: EdgeReport;
  /** `false`: the identity has too many connections; this one closes without an answer, so that its client tries again. */
  onAccepted(socket: Socket): boolean;
  onRefused(socket: Socket): void;
};

/**
 * The middleware of every namespace. A bad token is a final, typed error (`err.data`); when the hub itself cannot tell,
 * the connection closes without an answer, since a middleware's error would strand the client for good.
 */
export function createAuthenticate(parts: AuthenticateParts): (socket: Socket, next: (error?: Error) => void) => void {
  const expiries = new Expiries(parts.wallMs);
  return (socket, next) => {
    authenticate(socket, parts).then(
      (data) => {
        Object.assign(socket.data, data);
        if (!parts.onAccepted(socket)) {
          parts.report.requestRefused("BUSY", 1);
          return socket.conn.close();
        }
        expiries.watch(socket, data.identity.expMs);
        next();
      },
      (error: unknown) => {
        parts.onRefused(socket);
        if (error instanceof HubError) {
          parts.report.requestRefused(error.code, 1);
          parts.report.warn("refused", {
            namespace: socket.nsp.name,
            address: socket.conn.remoteAddress,
            code: error.code,
            why: error.message,
          });
          // As if nobody was in it: who may not enter is not told which tenants are here.
          next(readOwnNamespace(socket.nsp.name) ? new Error("Invalid namespace") : refusal(error));
        } else {
          parts.report.fault("a token could not be checked; the connection was closed so that its client comes back", error);
          socket.conn.close();
        }
      },
    );
  };
}

async function authenticate(socket: Socket, { tokens, ownNamespaces = false }: AuthenticateParts): Promise<SocketData> {
  const { token, protocol, sdk } = takeAuth(socket);
  if (protocol !== undefined && (protocol < PROTOCOL_VERSION_MIN || protocol > PROTOCOL_VERSION)) {
    throw new HubError(
      "UNSUPPORTED_PROTOCOL",
      `The client speaks version ${protocol} of the wire, this hub ${PROTOCOL_VERSION_MIN} to ${PROTOCOL_VERSION}; update the older of the two.`,
    );
  }
  const identity = await tokens.verify(token);
  const refused = entryRefusal(identity, socket.nsp.name, ownNamespaces);
  if (refused) throw refused;
  return { identity, ...(protocol === undefined ? {} : { protocol }), ...(sdk === undefined ? {} : { sdk }) };
}

const nothing = Object.freeze({});
const forgotten = { auth: nothing, headers: nothing, query: nothing, time: "" };

/** Reads `auth` and forgets it: it may be large, and the token is a secret. The rest nobody asks for. */
function takeAuth(socket: Socket): Auth {
  const parsed = authSchema.safeParse(socket.handshake.auth);
  Object.assign(socket.handshake, forgotten);
  if (parsed.success) return parsed.data;
  throw new HubError("UNAUTHORIZED", `Pass a token of at most ${limits.tokenBytesMax} bytes: io(url, { auth: { token } }).`);
}

/** Who a socket is that passed the middleware. */
export function identityOf(socket: Socket): Identity {
  const { identity }: Partial<SocketData> = socket.data;
  if (!identity) throw new Error("this socket passed no authentication: register the edge's guard on its namespace");
  return identity;
}

/** The version of the wire that its client speaks; one that does not say speaks the oldest. */
export function wireOf(socket: Socket): number {
  const { protocol = PROTOCOL_VERSION_MIN }: Partial<SocketData> = socket.data;
  return protocol;
}
