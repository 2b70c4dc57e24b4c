/**
 * The hub: joins storage, engines and sockets, and decides nothing itself. The way of an event:
 *
 *   publish frame or plain event → candidate (schema) → admission (rights, names, claim, route) → committer (one sync)
 *   → confirm to its publisher, and → registry → runner (engine) → consumer → settle → committer, with the next commit.
 */
import { HubError, namespaces, type Role } from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import { type Namespace, Server, type Socket } from "socket.io";
import { identityOf } from "./auth/authenticate.ts";
import { type Caps, createCaps } from "./caps/create-caps.ts";
import { createCommitter } from "./commit/committer.ts";
import { QueuedEvent } from "./dispatch/entry.ts";
import { createRegistry, type Registry } from "./dispatch/registry.ts";
import { type Drained, drainHub, tellDraining } from "./drain-hub.ts";
import { serveOwnNamespaces } from "./edge/own-namespaces.ts";
import type { HubParts } from "./hub-parts.ts";
import { createKnownNames } from "./known-names.ts";
import { createAudience } from "./live/audience.ts";
import { createPresence } from "./live/presence.ts";
import { createGrowth, type Growth } from "./operate/growth.ts";
import { createInTurn } from "./operate/in-turn.ts";
import { createClaimTable } from "./pool/claim-table.ts";
import { createJobs } from "./pool/jobs.ts";
import { createAdmission } from "./publish/admission.ts";
import { createReceiptDesk } from "./receipts/receipt-desk.ts";
import { openAdminSession } from "./sessions/admin-session.ts";
import { openDriverSession } from "./sessions/driver-session.ts";
import type { SessionParts, SessionStart } from "./sessions/session-parts.ts";
import { openVendorSession } from "./sessions/vendor-session.ts";

export type Hub = {
  registry: Registry;
  isDraining(): boolean;
  /** Old clients; `null`: they are not served. */
  caps: Caps | null;
  /** Leaves, as `drainHub` says. The storage stays open. */
  close(): Promise<Drained>;
};

const sessionsOf: Record<Role, (parts: SessionParts, start: SessionStart) => void> = {
  driver: openDriverSession,
  vendor: openVendorSession,
  admin: openAdminSession,
};

export function createHub(parts: HubParts): Hub {
  const { storage, clock, proof, config } = parts;
  let isDraining = false;
  const names = createKnownNames(storage, { open: config.open });
  const claims = createClaimTable(storage);
  const growth = createGrowth();

  const onStored = (item: AppendItem | VoidItem, outcome: AppendOutcome) => {
    const left = claims.settled(item, outcome);
    if (outcome.outcome !== "stored" || "void" in item) return;
    if (left) registry.resolved(item.tenant, `zone/${left.zone}`, left.poolOffset);
    offer(registry, growth, item, outcome);
  };

  const committer = createCommitter({ storage, clock, onStored, onCommitted: proof.stored, onFailed: claims.failed });
  const receipts = createReceiptDesk({ storage, afterSettles: (key, task) => registry.afterSettles(key, task) });
  const registry = createRegistry({ storage, committer, clock, proof, config, settles: receipts });
  const io = new Server(parts.http, parts.socketOptions);
  const sessions: SessionParts = {
    storage,
    committer,
    registry,
    claims,
    names,
    clock,
    proof,
    config,
    admission: createAdmission({ names, claims, clock }),
    jobs: createJobs({ storage, committer, claims, names, clock }),
    inTurn: createInTurn(),
    receipts,
    growth,
    backups: parts.backups,
    report: parts.report,
    isDraining: () => isDraining,
    presence: createPresence(),
    audience: createAudience(io, parts.mayOpen !== undefined),
  };

  const onSocket = (role: Role, socket: Socket) => {
    sessionsOf[role](sessions, { socket, identity: identityOf(socket) });
    if (isDraining) tellDraining(socket);
  };
  for (const role of ["driver", "vendor", "admin"] as const) {
    const namespace: Namespace = io.of(namespaces[role]);
    parts.guard(namespace);
    namespace.on("connection", (socket: Socket) => onSocket(role, socket));
  }
  const { mayOpen } = parts;
  if (mayOpen)
    serveOwnNamespaces(io, { mayOpen, onSocket, guard: (namespace) => parts.guard(namespace), fault: (...why) => proof.fault(...why) });

  const caps = parts.caps ? createCaps(sessions, parts.caps) : null;

  const saving = setInterval(() => {
    storage.saveTime(clock.nowMs()).catch((error: unknown) => proof.fault("hub time could not be saved", error));
  }, 1_000);
  saving.unref();

  return {
    registry,
    isDraining: () => isDraining,
    caps,
    async close() {
      if (isDraining) throw new HubError("HUB_DRAINING", "The hub is closing already.");
      isDraining = true;
      growth.close();
      await caps?.close();
      const drained = await drainHub({ io, registry, committer, drainMs: config.drainMs });
      clearInterval(saving);
      await storage.saveTime(clock.nowMs());
      return drained;
    },
  };
}

type Stored = Extract<AppendOutcome, { outcome: "stored" }>;

/** A stored event goes to the engines that read its queues; its bytes are shared, not copied. */
function offer(registry: Registry, growth: Growth, item: AppendItem, stored: Stored): void {
  const { tenant, home } = item;
  registry.appended(tenant, home, new QueuedEvent(item, stored, 0));
  growth.appended(tenant, home, stored.offset);
  if (item.copies.length > 0) offerCopies(registry, growth, item, stored);
}

function offerCopies(registry: Registry, growth: Growth, item: AppendItem, home: Stored): void {
  const { recordedAtMs } = home;
  for (const [index, { queue, event }] of item.copies.entries()) {
    const offset = home.copyOffsets[index] ?? 0;
    const copied = event ? { ...event, parcel: item.parcel } : item;
    registry.appended(item.tenant, queue, new QueuedEvent(copied, { offset, recordedAtMs }, event?.homeOffset ?? home.offset));
    growth.appended(item.tenant, queue, offset);
  }
}
