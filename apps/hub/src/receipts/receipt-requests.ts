import { HubError, limits, queueParts, type Receipts, type ReceiptsReply } from "@waybill/events";
import type { Identity } from "../auth/tokens.ts";
import type { ReceiptDesk } from "./receipt-desk.ts";
import type { Looked } from "./receipt-states.ts";

export type ReceiptRequests = ReturnType<typeof createReceiptRequests>;

/** `receipts` of one socket. Who stored an event may ask what became of it, and nobody else but an admin. */
export function createReceiptRequests(parts: {
  receipts: ReceiptDesk;
  identity: Identity;
  producer: () => string | null;
  over: AbortSignal;
}) {
  const { receipts, identity, producer, over } = parts;
  const subject = `${identity.role}:${identity.subject}`;
  let waiting = 0;

  const check = ({ key, events }: Looked) => {
    if (identity.role === "admin") return;
    const own = [producer(), subject];
    for (const { offset, producer: by } of events.values()) {
      if (!own.includes(by))
        throw new HubError(
          "FORBIDDEN",
          `The event at offset ${offset} of ${key.queue} was published by another: only its publisher may ask.`,
        );
    }
  };

  return async ({ queue, offsets, waitMs = 0 }: Receipts): Promise<ReceiptsReply> => {
    if (queueParts(queue).kind !== "store")
      throw new HubError("INVALID_MESSAGE", `${queue} is no home: receipts are those of \`main\` of a store's queue. Ask there.`);
    const looked = await receipts.look(identity.tenant, queue, offsets);
    check(looked);
    if (waitMs === 0) return { outcome: "receipts", receipts: await receipts.states(looked) };
    if (waiting >= limits.receiptWaitsMax)
      throw new HubError(
        "BUSY",
        `${waiting} requests of this connection wait for receipts; ask for more offsets in each, or without \`waitMs\`.`,
      );
    waiting += 1;
    try {
      return { outcome: "receipts", receipts: await receipts.wait(looked, waitMs, over) };
    } finally {
      waiting -= 1;
    }
  };
}
