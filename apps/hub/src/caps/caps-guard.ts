import { DEFAULT_TENANT, HubError } from "@waybill/events";
import type { Namespace, Socket } from "socket.io";
import { addressOf, type Gate } from "../edge/allow-request.ts";
import { createOneNamespace } from "../edge/one-namespace.ts";
import { createPollingSessions } from "../edge/polling-sessions.ts";
import { refusal } from "../edge/refusal.ts";
import { type EdgeReport, openSocketEdge } from "../edge/socket-edge.ts";
import { watchConnections } from "../edge/watch-connections.ts";
import { CAPS } from "./event-of.ts";

type Next = (error?: Error) => void;

/** As the guard of the hub's own namespaces, but nobody is asked who it is. So a connection counts for its address for ever. */
export function createCapsGuard(parts: {
  gate: Gate;
  report: EdgeReport;
  namespaces: readonly string[];
  isDraining: () => boolean;
}): (namespace: Namespace) => void {
  const { gate, report, namespaces } = parts;
  const oneNamespace = createOneNamespace();
  const pollingSessions = createPollingSessions();

  const letIn = (socket: Socket, next: Next) => {
    // Nothing in it is asked for, and it may be large.
    socket.handshake.auth = {};
    const address = addressOf(socket.conn.remoteAddress);
    if (!pollingSessions.take(socket, { tenant: DEFAULT_TENANT, role: CAPS, subject: address })) return socket.conn.close();
    openSocketEdge(socket, parts);
    next();
  };

  return (namespace) => {
    watchConnections(namespace.server.engine, { gate, oneNamespace, report });
    if (!namespaces.includes("/")) {
      const elsewhere = `Nothing is served on "/"; old clients connect to ${namespaces.join(" or ")}: io(url + "${namespaces[0]}").`;
      namespace.server.of("/").use((_socket: Socket, next: Next) => next(refusal(new HubError("FORBIDDEN", elsewhere))));
    }
    namespace.use(oneNamespace.enter);
    namespace.use(letIn);
  };
}
