import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";

/** What a client says of itself in `auth`, before anything else. A plain client sends the token alone. */
export const authSchema = z.object({
  token: z.string().max(4_096),
  /** Version of the wire, frames included. Absent: a plain client. Any number is read, so that a wrong one is told which are right. */
  protocol: z.int().optional(),
  /** Name and version of the SDK, for the hub's log. */
  sdk: z.string().max(64).optional(),
});
export type Auth = z.infer<typeof authSchema>;

/** Hub to every client, first thing after the connection is made. */
export const welcomeSchema = z.object({
  protocol: z.int().positive(),
  /** Changes when the hub was restored from a backup. */
  storageId: z.string(),
  /** Raised by each start of the hub. */
  epoch: z.int().positive(),
  /** Hub time, ms since 1970. */
  hubTime: z.int(),
  you: z.object({ role: z.string(), tenant: z.string(), subject: z.string(), driver: z.string().optional(), stores: z.array(z.string()) }),
  limits: z.object({
    eventBytesMax: z.int(),
    frameBytesMax: z.int(),
    batchEventsMax: z.int(),
    publishesInFlightMax: z.int(),
    creditEventsMax: z.int(),
    creditBytesMax: z.int(),
  }),
});
export type Welcome = z.infer<typeof welcomeSchema>;

/** Hub to client: why the connection closes, or why a notice was not taken. */
export const refusedSchema = z.object({ error: hubErrorBodySchema, closing: z.boolean() });
export type Refused = z.infer<typeof refusedSchema>;

/** Hub to all: this hub is leaving. Come back after so many ms (already spread by chance). */
export const drainingSchema = z.object({ reconnectInMs: z.int().nonnegative() });
export type Draining = z.infer<typeof drainingSchema>;
