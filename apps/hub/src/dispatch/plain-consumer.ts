import { limits, type PlainDelivery, parseJson, plainSettleSchema, type Settle } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { Socket } from "socket.io";
import type { Consumer } from "./consumer.ts";
import { refOf } from "./entry.ts";

/**
 * A consumer on a bare Socket.IO client: one Socket.IO event per delivery, settled by its acknowledgement.
 * One event per key in hand, 32 in all. Without an answer the lease ends and the engine counts it as failed.
 */
export function createPlainConsumer(options: {
  socket: Socket;
  queue: string;
  epoch: number;
  instance: string;
  by: string;
  leaseMs: number;
  onSettle: (settle: Omit<Settle, "sub">) => void;
}): Consumer {
  const { socket, queue, epoch, onSettle } = options;
  const deliverOne = (token: number, item: DeliveryItem) => {
    const { entry } = item;
    const delivery: PlainDelivery = {
      ...(parseJson(refOf(entry).body, `event ${entry.offset} of ${queue}`) as Omit<
        PlainDelivery,
        "queue" | "offset" | "recordedAt" | "attempt"
      >),
      queue,
      offset: entry.offset,
      recordedAt: entry.recordedAtMs,
      attempt: item.failed + item.interrupted + 1,
      ...(item.redrive > 0 ? { redrive: item.redrive } : {}),
    };
    socket.timeout(options.leaseMs).emit(entry.type, delivery, (timedOut: Error | null, answer?: unknown) => {
      if (timedOut) return; // The lease ended by the engine's own count.
      onSettle({ epoch, ...settleOf(token, answer) });
    });
  };
  return {
    instance: options.instance,
    by: options.by,
    mode: "plain",
    credit: { events: limits.plainCreditEventsMax, bytes: limits.creditBytesMax },
    deliver(first, items) {
      for (const [index, item] of items.entries()) deliverOne(first + index, item);
    },
    lost: () => {}, // A plain client has no word for it; its late answer changes nothing.
    reset: () => {},
    gap: (from, to) => void socket.emit("gap", { queue, from, to }),
    abandon: () => socket.conn.close(),
  };
}

/** Nothing, or anything that is none of the three forms, means handled. */
function settleOf(token: number, answer: unknown): Omit<Settle, "sub" | "epoch"> {
  // Most say nothing at all, and what the schema has to find wrong with that costs more than all the rest of an ack.
  const parsed = typeof answer === "object" ? plainSettleSchema.safeParse(answer) : null;
  if (!parsed?.success) return { acks: [[token, token]] };
  const body = parsed.data;
  if ("decline" in body) return { withdraws: [[token, token]] };
  if ("reject" in body) return { rejects: [{ token, reason: body.reject.slice(0, limits.reasonCharsMax) }] };
  return {
    nacks: [{ token, reason: body.nack.slice(0, limits.reasonCharsMax), ...(body.delayMs === undefined ? {} : { delayMs: body.delayMs }) }],
  };
}
