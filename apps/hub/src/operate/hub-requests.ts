import { adminRequests } from "@waybill/events";
import type { Socket } from "socket.io";
import type { Identity } from "../auth/tokens.ts";
import { handleRequest } from "../edge/wrapper.ts";
import type { SessionParts } from "../sessions/session-parts.ts";

/** `hub:info`, `backup:make`, `backup:state`, `backup:list`. */
export function handleHubRequests(socket: Socket, parts: SessionParts, { subject, role, tenant, expMs }: Identity): void {
  const { backups, report, storage, isDraining } = parts;

  handleRequest(socket, "hub:info", adminRequests["hub:info"].request, async () => {
    const [hub, lastBackup] = await Promise.all([report(), backups.latest()]);
    return { outcome: "hub", hub: { ...hub, draining: isDraining(), lastBackup, you: { subject, role, expiresAtMs: expMs } } };
  });

  handleRequest(socket, "backup:make", adminRequests["backup:make"].request, async ({ name }) => {
    const backup = await backups.make(name);
    storage.audit(tenant, subject, "backup:make", backup.name);
    return { outcome: "backup", backup };
  });

  handleRequest(socket, "backup:state", adminRequests["backup:state"].request, async ({ name }) => {
    return { outcome: "backup", backup: await backups.state(name) };
  });

  handleRequest(socket, "backup:list", adminRequests["backup:list"].request, async () => {
    return { outcome: "backups", folder: backups.folder, ...(await backups.list()) };
  });
}
