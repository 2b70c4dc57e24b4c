import { randomUUID } from "node:crypto";
import { type Claim, claimStep, HubError, type JobReply, type JobsReply, type ParcelEventOf, queueOf, toJsonBytes } from "@waybill/events";
import type { AppendItem, Storage, StoredClaim } from "@waybill/storage";
import type { Committer } from "../commit/committer.ts";
import type { HubClock } from "../hub-parts.ts";
import type { KnownNames } from "../known-names.ts";
import { CLAIM_ROUNDS_MAX, claimUnsteady, refusalOf } from "../publish/lane-run.ts";
import type { ClaimTable } from "./claim-table.ts";

/** Jobs that one request lists. A driver holds a handful. */
const JOBS_MAX = 1_000;

/** Requests about a parcel's claim. Each changes it in one commit with the event that says so; the answer follows the commit. */
export type Jobs = {
  take(tenant: string, driver: string, parcel: string): Promise<JobReply>;
  handback(tenant: string, driver: string, parcel: string, reason?: string): Promise<JobReply>;
  held(tenant: string, driver: string): Promise<JobsReply>;
};

export function createJobs(parts: {
  storage: Storage;
  committer: Committer;
  claims: ClaimTable;
  names: KnownNames;
  clock: HubClock;
}): Jobs {
  const { storage, committer, claims, names, clock } = parts;

  /** Decides by the claim as it is expected to be; the storage compares, and on another's change decides again. */
  const move = async (
    tenant: string,
    parcel: string,
    decide: (claim: Claim) => ReturnType<typeof claimStep>,
    itemOf: (next: Claim) => Promise<Omit<AppendItem, "tenant" | "from" | "number" | "parcel" | "claim">>,
  ): Promise<Claim> => {
    for (let round = 0; round < CLAIM_ROUNDS_MAX; round += 1) {
      await claims.load(tenant, [parcel]);
      const before = claims.expected(tenant, parcel);
      const step = decide(before);
      if (step.outcome !== "moved" && claims.isGuess(tenant, parcel)) {
        await committer.append([]); // The answer must not run ahead of the commit that makes it true.
        continue;
      }
      if (step.outcome === "refused") throw new HubError(step.code, step.message);
      if (step.outcome === "same") return before;
      const item = await itemOf(step.claim);
      if (claims.expected(tenant, parcel) !== before) continue; // It moved while the item was made.
      claims.writing(tenant, parcel, step.claim);
      const [outcome] = await committer.append([
        { ...item, tenant, parcel, from: { kind: "hub" }, number: 0, claim: { expectEpoch: before.epoch, next: step.claim } },
      ]);
      if (outcome?.outcome === "stored") return step.claim;
      if (outcome && outcome.outcome !== "claim-moved") throw refusalOf(outcome, 0, item.home);
    }
    throw claimUnsteady();
  };

  const hubEvent = (
    type: "claimed" | "released",
    parcel: string,
    store: string,
    data: { driver: string; zone: string; reason?: string },
  ) => {
    const id = randomUUID();
    const event = { id, type, parcel, store, at: new Date(clock.nowMs()).toISOString(), data };
    return { home: queueOf("store", store), id, type, body: toJsonBytes(event) };
  };

  const checkDriver = async (tenant: string, driver: string) => {
    if (!names.isCached(tenant, "driver", driver) && (await names.missing(tenant, "driver", [driver])).has(driver))
      throw names.error("driver", driver);
  };

  return {
    async take(tenant, driver, parcel) {
      await checkDriver(tenant, driver);
      const nowMs = clock.nowMs();
      const claim = await move(
        tenant,
        parcel,
        (before) => claimStep(before, { type: "take", driver, nowMs }),
        async (next) => {
          if (next.state === "none") throw new HubError("INTERNAL", "a take leads to a claim");
          return { ...hubEvent("claimed", parcel, next.store, { driver, zone: next.zone }), copies: [] };
        },
      );
      if (claim.state === "none") throw new HubError("INTERNAL", "a take leads to a claim");
      return { outcome: "yours", parcel, store: claim.store, zone: claim.zone, claim: claim.epoch };
    },

    async handback(tenant, driver, parcel, reason) {
      await checkDriver(tenant, driver);
      const nowMs = clock.nowMs();
      const claim = await move(
        tenant,
        parcel,
        (before) => claimStep(before, { type: "handback", driver, nowMs }),
        async (next) => {
          if (next.state === "none") throw new HubError("INTERNAL", "a handback leads to a claim");
          const ready = await readyCopy(storage, { tenant, parcel, store: next.store, zone: next.zone, nowMs });
          return {
            ...hubEvent("released", parcel, next.store, { driver, zone: next.zone, ...(reason ? { reason } : {}) }),
            copies: [{ queue: queueOf("zone", next.zone), event: ready }],
          };
        },
      );
      return { outcome: "released", parcel, claim: claim.epoch };
    },

    async held(tenant, driver) {
      const { rows } = await storage.listClaims(tenant, { state: "taken", driver }, "", JOBS_MAX);
      return { outcome: "jobs", jobs: rows.flatMap(jobOf) };
    },
  };
}

function jobOf({ parcel, claim }: StoredClaim & { parcel: string }) {
  return claim.state === "taken" ? [{ parcel, store: claim.store, zone: claim.zone, claim: claim.epoch }] : [];
}

type Wanted = { tenant: string; parcel: string; store: string; zone: string; nowMs: number };

/** A job that was handed back returns to its pool by a copy of the event that asked for it; where that one was trimmed, by one that says as much. */
async function readyCopy(storage: Storage, { tenant, parcel, store, zone, nowMs }: Wanted) {
  const [stored] = await storage.claims(tenant, [parcel]);
  const homeOffset = stored?.readyOffset ?? 0;
  const [ready] = homeOffset > 0 ? await storage.readOffsets(tenant, queueOf("store", store), [homeOffset]) : [];
  if (ready) return { id: ready.id, type: ready.type, homeOffset, body: ready.body };
  const event: ParcelEventOf<"ready"> = {
    id: randomUUID(),
    type: "ready",
    parcel,
    store,
    at: new Date(nowMs).toISOString(),
    data: { zone },
  };
  return { id: event.id, type: "ready", homeOffset, body: toJsonBytes(event) };
}
