/** Stands where the hub expects how it reads receipts: that itself, or one that takes stored for handled. */
import type { Receipt } from "@waybill/events";
import { type Looked, lookAt, statesOf as read } from "@waybill/hub/src/receipts/receipt-states.ts";
import { plantedBug } from "./catalogue.ts";

export { type Looked, lookAt };

export async function statesOf(...of: Parameters<typeof read>): Promise<Receipt[]> {
  const receipts = await read(...of);
  if (plantedBug() !== "receipt-too-early") return receipts;
  return receipts.map((receipt) => (receipt.state === "pending" ? { ...receipt, state: "settled" } : receipt));
}
