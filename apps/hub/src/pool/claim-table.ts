import { type Claim, noClaim } from "@waybill/events";
import type { AppendItem, AppendOutcome, Storage, StoredClaim, VoidItem } from "@waybill/storage";

/** Claims remembered in memory; others are read when asked for. */
const REMEMBERED_MAX = 65_536;
const none: StoredClaim = { claim: noClaim, readyOffset: 0, poolOffset: 0 };

export type ClaimTable = {
  /** Loads what is not remembered, all in one call. `null`: all is. */
  load(tenant: string, parcels: readonly string[]): Promise<void> | null;
  /** After `load`: the claim as it will be when all writes under way succeed. A wrong guess is found by its epoch. */
  expected(tenant: string, parcel: string): Claim;
  /** Whether `expected` runs ahead of what is stored: nobody may be answered by it yet. */
  isGuess(tenant: string, parcel: string): boolean;
  /** A write of this claim is handed to the committer. */
  writing(tenant: string, parcel: string, next: Claim): void;
  /** In commit order: what became of an item. Returns the place in the pool that its job left, if it left one. */
  settled(item: AppendItem | VoidItem, outcome: AppendOutcome): { zone: string; poolOffset: number } | null;
  /** Its commit failed: the guess is void. */
  failed(item: AppendItem | VoidItem): void;
};

type Row = { stored: StoredClaim; expected: Claim; writes: number };

/**
 * A guess ahead of the storage, never the truth: the storage compares epochs in the commit itself. It lets several
 * writes about one parcel be under way without waiting for each other.
 */
export function createClaimTable(storage: Storage): ClaimTable {
  const rows = new Map<string, Row>();
  const nameOf = (tenant: string, parcel: string) => `${tenant}/${parcel}`;

  const remember = (name: string, stored: StoredClaim) => {
    if (rows.size >= REMEMBERED_MAX) forgetOldest(rows);
    rows.set(name, { stored, expected: stored.claim, writes: 0 });
  };

  const read = async (tenant: string, parcels: readonly string[]): Promise<void> => {
    const claims = await storage.claims(tenant, parcels);
    for (const [index, parcel] of parcels.entries()) {
      const name = nameOf(tenant, parcel);
      if (!rows.has(name)) remember(name, claims[index] ?? none);
    }
  };

  return {
    load(tenant, parcels) {
      const unknown = [...new Set(parcels)].filter((parcel) => !rows.has(nameOf(tenant, parcel)));
      return unknown.length === 0 ? null : read(tenant, unknown);
    },
    failed(item) {
      if ("void" in item || !item.claim) return;
      const name = nameOf(item.tenant, item.parcel);
      const row = rows.get(name);
      if (row === undefined) return;
      row.writes -= 1;
      // Others are still under way: what is decided meanwhile is a guess, and must be known as one.
      if (row.writes > 0) row.expected = row.stored.claim;
      else rows.delete(name);
    },
    expected: (tenant, parcel) => rows.get(nameOf(tenant, parcel))?.expected ?? noClaim,
    isGuess: (tenant, parcel) => (rows.get(nameOf(tenant, parcel))?.writes ?? 0) > 0,
    writing(tenant, parcel, next) {
      const row = rows.get(nameOf(tenant, parcel));
      if (!row) return;
      row.expected = next;
      row.writes += 1;
    },
    settled(item, outcome) {
      if ("void" in item || !item.claim) return null;
      const name = nameOf(item.tenant, item.parcel);
      const row = rows.get(name);
      if (row) row.writes -= 1;
      if (outcome.outcome === "claim-moved") {
        if (row !== undefined && row.writes > 0) {
          row.stored = outcome.claim;
          row.expected = outcome.claim.claim;
        } else {
          rows.delete(name);
          remember(name, outcome.claim);
        }
        return null;
      }
      if (outcome.outcome !== "stored") {
        // The guess was wrong: read it again. Not while other writes are under way, which have to know what their job leaves.
        if (row === undefined || row.writes <= 0) rows.delete(name);
        return null;
      }
      const before = row?.stored ?? none;
      const poolIndex = item.copies.findIndex((copy) => copy.queue.startsWith("zone/"));
      const poolCopy = item.copies[poolIndex];
      const stored: StoredClaim = {
        claim: item.claim.next,
        poolOffset: poolIndex < 0 ? before.poolOffset : (outcome.copyOffsets[poolIndex] ?? 0),
        readyOffset: poolCopy ? (poolCopy.event?.homeOffset ?? outcome.offset) : before.readyOffset,
      };
      if (row === undefined) remember(name, stored);
      else {
        row.stored = stored;
        if (row.writes <= 0) row.expected = stored.claim;
      }
      const next = item.claim.next;
      return next.state === "none" || next.state === "free" || before.poolOffset === 0
        ? null
        : { zone: next.zone, poolOffset: before.poolOffset };
    },
  };
}

function forgetOldest(rows: Map<string, Row>) {
  let left = Math.ceil(REMEMBERED_MAX / 64);
  for (const [name, row] of rows) {
    if (row.writes > 0) continue; // Somebody waits for it.
    rows.delete(name);
    left -= 1;
    if (left === 0) return;
  }
}
