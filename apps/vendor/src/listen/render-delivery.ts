import { styleText } from "node:util";
import type { Delivery } from "@waybill/client";
import type { EventType } from "@waybill/events";

/** What became of a delivery here. `aborted`: its lease was lost before the command ended. */
export type Handled = { outcome: "acked" } | { outcome: "failed" | "aborted"; reason: string };

/** One JSON line: the event as it was published, and where it stands. */
export function deliveryRecord(delivery: Delivery, handled: Handled): Record<string, unknown> {
  const { event, queue, group, offset, recordedAt, attempt, redrive } = delivery;
  return { queue, group, offset, recordedAt: recordedAt.toISOString(), attempt, redrive, ...handled, event };
}

/** One line for people: when, which store, which parcel, what, and its place in the store's order. */
export function deliveryLine(delivery: Delivery, handled: Handled): string {
  const { event, offset, attempt, redrive } = delivery;
  const columns = [
    styleText("dim", event.at.slice(0, 19).replace("T", " ")),
    event.store.padEnd(STORE_WIDTH),
    event.parcel.padEnd(PARCEL_WIDTH),
    styleText(colourOf[event.type] ?? "reset", event.type.padEnd(TYPE_WIDTH)),
    styleText("dim", `#${offset}`.padEnd(OFFSET_WIDTH)),
    printable(detailOf(delivery)),
    attempt > 1 ? `attempt ${attempt}` : "",
    redrive > 0 ? `redrive ${redrive}, late` : "",
    handled.outcome === "acked" ? "" : styleText("red", `${handled.outcome}: ${printable(handled.reason)}`),
  ];
  return columns
    .filter((column) => column !== "")
    .join("  ")
    .trimEnd();
}

const STORE_WIDTH = 16;
const PARCEL_WIDTH = 12;
const TYPE_WIDTH = 14;
const OFFSET_WIDTH = 6;

const colourOf: Partial<Record<EventType, "green" | "red" | "yellow" | "cyan">> = {
  delivered: "green",
  "attempt-failed": "red",
  returning: "red",
  returned: "red",
  cancelled: "yellow",
  message: "cyan",
};

/** The one thing of the payload that a shop wants to see at a glance. */
function detailOf({ event }: Delivery): string {
  switch (event.type) {
    case "ready":
      return `in ${event.data.zone}`;
    case "claimed":
    case "released":
      return `by ${event.data.driver}`;
    case "delivered":
    case "returned":
      return event.data.receivedBy ? `to ${event.data.receivedBy}` : "";
    case "attempt-failed":
      return `${event.data.reason}, ${event.data.action}`;
    case "cancelled":
      return event.data.reason ?? "";
    case "message":
      return event.data.text;
    default:
      return "";
  }
}

/** Strangers' text must not steer the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
