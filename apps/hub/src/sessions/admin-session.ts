import { adminRequests, driverSchema, HubError, roomOf, storeSchema, zoneSchema } from "@waybill/events";
import { Handlers } from "../edge/handlers.ts";
import { createDesk } from "../operate/desk.ts";
import { handleEventRequests } from "../operate/event-requests.ts";
import { handleGroupRequests } from "../operate/group-requests.ts";
import { handleHubRequests } from "../operate/hub-requests.ts";
import { handleKeyRequests } from "../operate/key-requests.ts";
import { handleLetterRequests } from "../operate/letter-requests.ts";
import { handleNoticeRequests } from "../operate/notice-requests.ts";
import { handleQueueRequests } from "../operate/queue-requests.ts";
import { handleSubscriptionRequests } from "../operate/subscription-requests.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";
import { welcomeOf } from "./welcome-of.ts";

const PAGE = 500;
const nameSchemas = { store: storeSchema, driver: driverSchema, zone: zoneSchema } as const;

/** An operator: makes names known, looks at jobs, and looks after subscriptions, stuck parcels, dead letters, queues and backups (`operate/`). */
export function openAdminSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { storage, names, proof, config, clock } = parts;
  const { tenant } = identity;
  const on = new Handlers<null>();

  on.request("names:add", adminRequests["names:add"].request, async ({ kind, ids }) => {
    const issues = ids.flatMap((id, index) => {
      const parsed = nameSchemas[kind].safeParse(id);
      return parsed.success
        ? []
        : [{ path: `ids.${index}`, message: `"${id}" cannot be a ${kind}'s name: lower-case letters, digits and -, at most 63.` }];
    });
    if (issues.length > 0)
      throw new HubError("INVALID_MESSAGE", `${issues.length} of ${ids.length} names cannot be names.`, { issues: issues.slice(0, 8) });
    const added = await names.add(tenant, kind, ids);
    storage.audit(tenant, identity.subject, `names:add ${kind}`, `${added} of ${ids.length}`);
    return { outcome: "added", added, known: ids.length - added };
  });

  on.request("names:list", adminRequests["names:list"].request, async ({ kind, after }) => {
    const { rows, more } = await storage.names(tenant, kind, after ?? "", PAGE);
    return { outcome: "names", ids: rows, more };
  });

  on.request("jobs:list", adminRequests["jobs:list"].request, async ({ state, after }) => {
    const { rows, more } = await storage.listClaims(tenant, { state: state === "waiting" ? "free" : "taken" }, after ?? "", PAGE);
    const jobs = rows.flatMap(({ parcel, claim }) =>
      claim.state === "none"
        ? []
        : [{ parcel, store: claim.store, zone: claim.zone, driver: "driver" in claim ? claim.driver : null, sinceMs: claim.sinceMs }],
    );
    const dueMs = clock.nowMs() - config.pickupDueMs;
    return { outcome: "jobs", jobs: state === "overdue" ? jobs.filter((job) => job.sinceMs < dueMs) : jobs, more };
  });

  on.request("people:list", adminRequests["people:list"].request, async ({ role, after }) => ({
    outcome: "people",
    ...parts.presence.list(tenant, role, after ?? ""),
  }));

  void socket.join(roomOf(tenant, "role", "admin"));
  const desk = createDesk(parts, identity);
  handleSubscriptionRequests(on, desk);
  handleGroupRequests(on, desk);
  handleKeyRequests(on, desk);
  handleLetterRequests(on, desk);
  handleEventRequests(on, desk);
  handleQueueRequests(on, socket, desk);
  handleNoticeRequests(on, parts, identity);
  handleHubRequests(on, parts, identity);

  on.serve(socket, null);
  socket.on("disconnect", (why) => proof.left(socket, identity, why));
  proof.connected(socket, identity);
  socket.emit("welcome", welcomeOf(parts, identity));
}
