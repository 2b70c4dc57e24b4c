/** The SDK for pages: nothing here reaches for Node. */
export {
  type Claim,
  type EventData,
  type EventType,
  eventTypes,
  HubError,
  type HubErrorBody,
  type HubErrorCode,
  hubErrors,
  type ParcelEvent,
  type ParcelEventOf,
  type Position,
  type Start,
} from "@waybill/events";
export { type CreateOptions, createVendor } from "./client.ts";
export { createDriver } from "./driver.ts";
export { type Entry, Lane, Ledger, type Waiter } from "./ledger.ts";
export { memoryOutbox } from "./memory-outbox.ts";
export type { Outbox } from "./outbox.ts";
export type * from "./types.ts";
