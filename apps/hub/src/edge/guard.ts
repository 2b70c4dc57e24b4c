import { HubError, namespaces } from "@waybill/events";
import type { Namespace, Socket } from "socket.io";
import { createAuthenticate, identityOf } from "../auth/authenticate.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { Gate } from "./allow-request.ts";
import { createOneNamespace } from "./one-namespace.ts";
import { createPollingSessions } from "./polling-sessions.ts";
import { refusal } from "./refusal.ts";
import { type EdgeReport, openSocketEdge } from "./socket-edge.ts";
import { watchConnections } from "./watch-connections.ts";

/** The middlewares that every namespace has, in their order: one CONNECT each, then who is it. */
export function createGuard(parts: {
  gate: Gate;
  tokens: Tokens;
  /** Tenants have namespaces of their own. */
  ownNamespaces?: boolean;
  report: EdgeReport;
  wallMs: () => number;
  /** Requests are refused from then on. */
  isDraining: () => boolean;
  /** Of the packets' rate; the process's own by default. */
  monotonicMs?: () => number;
}): (namespace: Namespace) => void {
  const { gate, report } = parts;
  const oneNamespace = createOneNamespace();
  const pollingSessions = createPollingSessions();
  const authenticate = createAuthenticate({
    tokens: parts.tokens,
    ...(parts.ownNamespaces ? { ownNamespaces: true } : {}),
    wallMs: parts.wallMs,
    report,
    onAccepted(socket) {
      if (!pollingSessions.take(socket, identityOf(socket))) return false;
      openSocketEdge(socket, parts);
      gate.authenticated(socket.conn);
      return true;
    },
    onRefused: (socket) => oneNamespace.leave(socket),
  });
  const closedRoots = new WeakSet<Namespace>();

  return (namespace) => {
    watchConnections(namespace.server.engine, { gate, oneNamespace, report });
    // Socket.IO always has this namespace; open, it would be a way to stay connected without a token.
    const root: Namespace = namespace.server.of("/");
    if (!closedRoots.has(root)) root.use(sendElsewhere);
    closedRoots.add(root);
    namespace.use(oneNamespace.enter);
    namespace.use(authenticate);
  };
}

function sendElsewhere(_socket: Socket, next: (error?: Error) => void): void {
  const { driver, vendor, admin } = namespaces;
  next(
    refusal(
      new HubError(
        "FORBIDDEN",
        `Nothing is served on "/"; connect to ${driver}, ${vendor} or ${admin}: io(url + "${vendor}", { auth: { token } }).`,
      ),
    ),
  );
}
