import type { Storage } from "@waybill/storage";
import type { Socket } from "socket.io";
import type { Identity } from "../auth/tokens.ts";
import type { Committer } from "../commit/committer.ts";
import type { Registry } from "../dispatch/registry.ts";
import type { HubClock, HubConfig, Proof } from "../hub-parts.ts";
import type { KnownNames } from "../known-names.ts";
import type { Audience } from "../live/audience.ts";
import type { Presence } from "../live/presence.ts";
import type { Backups } from "../operate/backups.ts";
import type { Growth } from "../operate/growth.ts";
import type { InTurn } from "../operate/in-turn.ts";
import type { ClaimTable } from "../pool/claim-table.ts";
import type { Jobs } from "../pool/jobs.ts";
import type { HubReport } from "../proof/hub-report.ts";
import type { Admission } from "../publish/admission.ts";
import type { ReceiptDesk } from "../receipts/receipt-desk.ts";

/** What all sessions share. */
export type SessionParts = {
  storage: Storage;
  committer: Committer;
  registry: Registry;
  admission: Admission;
  claims: ClaimTable;
  names: KnownNames;
  jobs: Jobs;
  clock: HubClock;
  proof: Proof;
  config: HubConfig;
  /** What operators do to one subscription's dead letters is done one after the other. */
  inTurn: InTurn;
  receipts: ReceiptDesk;
  growth: Growth;
  backups: Backups;
  report: () => Promise<HubReport>;
  isDraining: () => boolean;
  presence: Presence;
  audience: Audience;
};

export type SessionStart = { socket: Socket; identity: Identity };
