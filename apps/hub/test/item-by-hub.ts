import { toJsonBytes } from "@waybill/events";
import type { AppendItem } from "@waybill/storage";

/** An event as the hub itself appends it, for tests below the wire: a pickup at `store/acme`, of a parcel of its own unless told. */
export const itemByHub = (id: string, fields: Partial<Omit<AppendItem, "id" | "from">> = {}): AppendItem => ({
  tenant: "default",
  from: { kind: "hub" },
  number: 0,
  home: "store/acme",
  id,
  type: "pickup",
  parcel: `parcel-of-${id}`,
  body: toJsonBytes({ id }),
  copies: [],
  ...fields,
});
