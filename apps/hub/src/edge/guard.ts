import type { Namespace } from "socket.io";
import { createAuthenticate } from "../auth/authenticate.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { Gate } from "./allow-request.ts";
import { createOneNamespace } from "./one-namespace.ts";
import { type EdgeReport, openSocketEdge } from "./socket-edge.ts";

/**
 * The middlewares that every namespace has, in their order: one CONNECT each, then who is it. Register it on `/` as
 * well: Socket.IO always has that namespace, and no token opens it.
 */
export function createGuard(parts: {
  gate: Gate;
  tokens: Tokens;
  report: EdgeReport;
  wallMs: () => number;
}): (namespace: Namespace) => void {
  const oneNamespace = createOneNamespace();
  const authenticate = createAuthenticate({
    tokens: parts.tokens,
    wallMs: parts.wallMs,
    report: parts.report,
    onAccepted(socket) {
      openSocketEdge(socket, parts.report);
      parts.gate.authenticated(socket.conn);
    },
    onRefused: (socket) => oneNamespace.leave(socket),
  });
  return (namespace) => {
    parts.gate.watch(namespace.server.engine);
    namespace.use(oneNamespace.enter);
    namespace.use(authenticate);
  };
}
