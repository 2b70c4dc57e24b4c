import { adminRequests } from "@waybill/events";
import type { Identity } from "../auth/tokens.ts";
import type { Handlers } from "../edge/handlers.ts";
import type { SessionParts } from "../sessions/session-parts.ts";

/** `hub:info`, `backup:make`, `backup:state`, `backup:list`. */
export function handleHubRequests(on: Handlers<null>, parts: SessionParts, { subject, role, tenant, expMs }: Identity): void {
  const { backups, report, storage, isDraining } = parts;

  on.request("hub:info", adminRequests["hub:info"].request, async () => {
    const [hub, lastBackup] = await Promise.all([report(), backups.latest()]);
    return { outcome: "hub", hub: { ...hub, draining: isDraining(), lastBackup, you: { subject, role, expiresAtMs: expMs } } };
  });

  on.request("backup:make", adminRequests["backup:make"].request, async ({ name }) => {
    const backup = await backups.make(name);
    storage.audit(tenant, subject, "backup:make", backup.name);
    return { outcome: "backup", backup };
  });

  on.request("backup:state", adminRequests["backup:state"].request, async ({ name }) => {
    return { outcome: "backup", backup: await backups.state(name) };
  });

  on.request("backup:list", adminRequests["backup:list"].request, async () => {
    return { outcome: "backups", folder: backups.folder, ...(await backups.list()) };
  });
}
