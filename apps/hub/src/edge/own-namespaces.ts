import { type Role, readOwnNamespace } from "@waybill/events";
import type { Namespace, Server, Socket } from "socket.io";

export type OwnNamespacesParts = {
  /** Asked before the namespace exists. Rejects when the hub cannot tell. */
  mayOpen(name: string, auth: unknown): Promise<boolean>;
  guard(namespace: Namespace): void;
  onSocket(role: Role, socket: Socket): void;
  fault(message: string, error: unknown): void;
};

/**
 * Each tenant's own namespaces (`/acme/driver`). One is
 *
 *   not there – nobody is in it, and Socket.IO holds nothing of it.  → there, when a good token of its tenant comes
 *   there     – guarded like the shared ones.                        → not there, when the last socket leaves (`cleanupEmptyChildNamespaces`)
 */
export function serveOwnNamespaces(io: Server, { mayOpen, guard, onSocket, fault }: OwnNamespacesParts): void {
  const parent = io.of((name, auth, next) => {
    mayOpen(name, auth).then(
      (may) => next(null, may),
      // Not answered: the connection closes when it has joined nothing in time, and its client comes back.
      (error: unknown) => fault("whether a namespace may be opened could not be told", error),
    );
  });
  guard(parent);
  parent.on("connection", (socket: Socket) => {
    const { nsp } = socket;
    const place = readOwnNamespace(nsp.name);
    // It was gone while this token was looked at: what is said in a namespace of that name now would not reach this one.
    if (place === null || io._nsps.get(nsp.name) !== nsp) return socket.conn.close();
    onSocket(place.role, socket);
  });
}
