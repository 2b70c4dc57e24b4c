/** Who holds each parcel. Written in the commit that appends the event, and compared there. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Claim } from "@waybill/events";
import type { StoredClaim } from "../../port.ts";
import { int, type Row, text, textOrNull } from "../columns.ts";
import { noClaim } from "../words.ts";

export class Claims {
  private readonly select: StatementSync;
  private readonly put: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare("SELECT * FROM claim WHERE tenant = ? AND parcel = ?");
    this.put = db.prepare("INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }

  get(tenant: string, parcel: string): StoredClaim {
    const row = this.select.get(tenant, parcel);
    return row === undefined ? { claim: noClaim, readyOffset: 0, poolOffset: 0 } : claimOf(row);
  }

  set(tenant: string, parcel: string, { claim, readyOffset, poolOffset }: StoredClaim): void {
    if (claim.state === "none") return;
    const driver = "driver" in claim ? claim.driver : null;
    this.put.run(tenant, parcel, claim.state, claim.epoch, claim.store, claim.zone, claim.sinceMs, driver, readyOffset, poolOffset);
  }
}

export function claimOf(row: Row): StoredClaim {
  return { claim: stateOf(row), readyOffset: int(row, "ready_offset"), poolOffset: int(row, "pool_offset") };
}

function stateOf(row: Row): Claim {
  const state = text(row, "state");
  const rest = { epoch: int(row, "epoch"), store: text(row, "store"), zone: text(row, "zone"), sinceMs: int(row, "since_ms") };
  switch (state) {
    case "free":
      return { state, ...rest };
    case "taken":
    case "picked-up":
      return { state, ...rest, driver: text(row, "driver") };
    case "cancelled":
      return { state, ...rest, driver: textOrNull(row, "driver") };
    default:
      throw new Error(`a claim's state is ${state}`);
  }
}
