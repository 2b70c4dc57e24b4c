/** The SDK for pages: nothing here reaches for Node. */
export {
  type Backup,
  type Claim,
  type DatabasePosition,
  type DeadLetterDetail,
  type DeadLetterSummary,
  type EventData,
  type EventShown,
  type EventType,
  type Explained,
  eventTypes,
  type GroupCreated,
  type GroupDeleted,
  type GroupOrder,
  type GroupReset,
  type HubCounters,
  HubError,
  type HubErrorBody,
  type HubErrorCode,
  type HubInfo,
  hubErrors,
  type Notice,
  type ParcelEvent,
  type ParcelEventOf,
  type PeekedEvent,
  type Person,
  type Position,
  type Presence,
  type QueueDetail,
  type QueueSummary,
  type Reason,
  type Start,
  type StuckKey,
  type SubscriptionDetail,
  type SubscriptionSummary,
  type Typing,
  type TypingNotice,
  type Who,
  type Word,
  type WordNotice,
} from "@waybill/events";
export {
  type Admin,
  type AdminAnswer,
  type AdminOptions,
  type AdminRequestName,
  createAdmin,
  type Letters,
  type LettersDone,
  type NewGroup,
  type NewNotice,
  type NewRollCall,
  type ResetOptions,
  type RollCalled,
  type SubscriptionName,
} from "./admin.ts";
export { type CreateOptions, createVendor } from "./client.ts";
export { createDriver } from "./driver.ts";
export { type Entry, Lane, Ledger, type Waiter } from "./ledger.ts";
export { memoryOutbox } from "./memory-outbox.ts";
export type { Outbox } from "./outbox.ts";
export { Tail, type TailOptions } from "./tail.ts";
export type * from "./types.ts";
