import type { Subscribe } from "@waybill/events";
import type { Intake } from "./intake.ts";
import type { Announcer } from "./listeners.ts";
import type { Seat } from "./seat.ts";
import type { SubscribeOptions } from "./types.ts";

export type SeatOptions = {
  queue: string;
  group: string;
  subscribe: Omit<Subscribe, "queue" | "group">;
  /** Asks the program where its own database is. */
  resume: SubscribeOptions["resume"] | null;
  intake: Intake;
  announcer: Announcer;
  /** A pool's offers: no order, no extension, no memory: the same job may come again. */
  isPool: boolean;
  /** Routes frames of this number to this seat. */
  seated: (sub: number, seat: Seat) => void;
};
