/** Reads of claims, names and blobs. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NameKind, Page, StoredClaim } from "../../port.ts";
import { blob, text } from "../columns.ts";
import { Claims, claimOf } from "../committer/claims.ts";

type ClaimFilter = { tenant: string; state: "free" | "taken"; driver: string | null; after: string; limit: number };

export class NameReads {
  private readonly stored: Claims;
  private readonly selectFree: StatementSync;
  private readonly selectTaken: StatementSync;
  private readonly selectHeld: StatementSync;
  private readonly selectNames: StatementSync;
  private readonly selectName: StatementSync;
  private readonly selectBlob: StatementSync;

  constructor(db: DatabaseSync) {
    this.stored = new Claims(db);
    this.selectFree = db.prepare("SELECT * FROM claim WHERE tenant = ? AND state = 'free' AND parcel > ? ORDER BY parcel LIMIT ?");
    this.selectTaken = db.prepare("SELECT * FROM claim WHERE tenant = ? AND state = 'taken' AND parcel > ? ORDER BY parcel LIMIT ?");
    this.selectHeld = db.prepare(
      "SELECT * FROM claim WHERE tenant = ? AND state = 'taken' AND driver = ? AND parcel > ? ORDER BY parcel LIMIT ?",
    );
    this.selectNames = db.prepare("SELECT id FROM name WHERE tenant = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?");
    this.selectName = db.prepare("SELECT id FROM name WHERE tenant = ? AND kind = ? AND id = ?");
    this.selectBlob = db.prepare("SELECT bytes FROM blob WHERE tenant = ? AND sha256 = ?");
  }

  claims(tenant: string, parcels: readonly string[]): StoredClaim[] {
    return parcels.map((parcel) => this.stored.get(tenant, parcel));
  }

  /** A free job has no driver. */
  listClaims({ tenant, state, driver, after, limit }: ClaimFilter): Page<StoredClaim & { parcel: string }> {
    if (state === "free" && driver !== null) return { rows: [], more: false };
    const found =
      driver !== null
        ? this.selectHeld.all(tenant, driver, after, limit + 1)
        : (state === "free" ? this.selectFree : this.selectTaken).all(tenant, after, limit + 1);
    const rows = found.map((row) => ({ ...claimOf(row), parcel: text(row, "parcel") }));
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  names({ tenant, kind, after, limit }: { tenant: string; kind: NameKind; after: string; limit: number }): Page<string> {
    const rows = this.selectNames.all(tenant, kind, after, limit + 1).map((row) => text(row, "id"));
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  hasNames(tenant: string, kind: NameKind, ids: readonly string[]): boolean[] {
    return ids.map((id) => this.selectName.get(tenant, kind, id) !== undefined);
  }

  blob(tenant: string, sha256: string): Uint8Array | null {
    const row = this.selectBlob.get(tenant, sha256);
    return row === undefined ? null : blob(row, "bytes");
  }
}
