import type { HubErrorBody } from "@waybill/events";
import type { Entry, Ledger } from "./ledger.ts";
import type { RefusedEvent } from "./types.ts";

/**
 * The publisher's durable list of what is not confirmed. Each method changes the ledger in the very call; what it
 * promises of durability holds when it returns, or when its promise resolves. Held by one process at a time.
 */
export interface Outbox {
  readonly eventsMax: number;
  /** Once, first. Raises the incarnation durably. Rejects with OUTBOX_HELD or OUTBOX_DAMAGED. */
  open(): Promise<Ledger>;
  /**
   * Gives each entry its number, in order. They must not be sent before the promise resolves (nothing returned: they
   * are as safe as this outbox makes them). When it rejects, none of them is in the outbox.
   */
  put(entries: readonly Entry[]): Promise<void> | undefined;
  /** The hub stored all up to this number. Not urgent: what is forgotten is sent again and answered as a duplicate. */
  confirm(queue: string, to: number): Entry[];
  /** Durable when resolved: the event is in `refused`, its number a void. `null`: there is no such event. */
  refuse(queue: string, number: number, error: HubErrorBody): Promise<RefusedEvent | null>;
  /** Durably removes and returns what was refused. */
  takeRefused(): Promise<readonly RefusedEvent[]>;
  /** Goes on under a new random producer id, all pending events numbered anew; durable when resolved. */
  newProducer(storageId: string | null): Promise<void>;
  /** The hub that this outbox speaks to. Not urgent. */
  remember(storageId: string): void;
  /** Writes what is not urgent too, and lets go. */
  close(): Promise<void>;
}
