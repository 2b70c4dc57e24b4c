import type { Server as HttpServer } from "node:http";
import type { EngineEffect, EngineOptions } from "@waybill/queue";
import type { AppendItem, AppendOutcome, Storage, VoidItem } from "@waybill/storage";
import type { Namespace, ServerOptions, Socket } from "socket.io";
import type { Identity } from "./auth/tokens.ts";
import type { CapsParts } from "./caps/create-caps.ts";
import type { Backups } from "./operate/backups.ts";
import type { HubReport } from "./proof/hub-report.ts";

/** Hub time in ms: monotonic while running, continued over restarts by the storage. */
export type HubClock = { nowMs(): number };

/** What the core reports of its life. Everything that happens to an event passes one of these. */
export interface Proof {
  connected(socket: Socket, identity: Identity): void;
  left(socket: Socket, identity: Identity, why: string): void;
  /** Events looked at in a publish: each was stored, a duplicate, or refused. What stands behind a refusal was not looked at. */
  published(count: number): void;
  /** After a commit, with all that it decided: what of it was stored is counted, and said. */
  stored(items: readonly (AppendItem | VoidItem)[], outcomes: readonly AppendOutcome[]): void;
  duplicates(count: number): void;
  refused(code: string, count: number): void;
  delivered(count: number): void;
  settled(queue: string, group: string, effect: Extract<EngineEffect, { type: "settled" }>): void;
  failed(queue: string, group: string, effect: Extract<EngineEffect, { type: "failed" }>): void;
  /** Something a person should see; `error` with its stack, in the log only. */
  warn(message: string, detail?: Record<string, unknown>): void;
  fault(message: string, error: unknown): void;
}

export type HubConfig = {
  /** Names are made known at first sight, up to `limits.openNamesMax`. */
  open: boolean;
  leaseMs: number;
  offerMs: number;
  /** A hub that leaves waits so long for what is in hand. */
  drainMs: number;
  /** An engine nobody reads is kept so long: who comes back with its instance was not interrupted. */
  idleMs: number;
  /** A taken job is shown as overdue after that. */
  pickupDueMs: number;
  engine: Pick<EngineOptions, "failedMax" | "interruptedMax" | "backoffMs" | "backoffMaxMs">;
};

export type HubParts = {
  storage: Storage;
  clock: HubClock;
  proof: Proof;
  config: HubConfig;
  /** Made by the edge: options of Socket.IO with parser, caps and limits. */
  socketOptions: Partial<ServerOptions>;
  /** Listens already or will; the hub attaches to it and does not close it. */
  http: HttpServer;
  /** Where operators' backups go, and what became of them. */
  backups: Backups;
  /** How the hub is, for operators. */
  report: () => Promise<HubReport>;
  /** Whether a tenant's own namespace comes into being for this `auth`; absent: all tenants share three. */
  mayOpen?: (name: string, auth: unknown) => Promise<boolean>;
  /** Registers the edge's middlewares of a namespace: one CONNECT each, authentication. */
  guard(namespace: Namespace): void;
  /** Old clients, on a port of their own. */
  caps?: CapsParts;
};
