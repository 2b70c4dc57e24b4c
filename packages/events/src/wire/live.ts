/** What is live: told to who is there, kept nowhere. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { driverSchema, parcelSchema, storeSchema } from "../names.ts";

const refused = z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema });
const role = z.enum(["driver", "vendor"]);

/** Hub to all at a store but the newcomer, and to operators: who came, who went. May be lost. */
export const presenceSchema = z.object({
  role,
  /** The driver or the store. */
  id: z.string(),
  online: z.boolean(),
  /** Whose token it is. */
  subject: z.string(),
  /** The connection that came or went. */
  socket: z.string(),
  /** Connections that the subject has there from now on. 0: nobody of this name is there any more. */
  sockets: z.int().nonnegative(),
  at: z.string(),
});
export type Presence = z.infer<typeof presenceSchema>;

/** One connection that is there (`at`: since when), or a subject who is not (`at`: when the last of its connections went). */
const personSchema = z.object({
  role,
  id: z.string(),
  subject: z.string(),
  online: z.boolean(),
  socket: z.string().optional(),
  at: z.string(),
});
export type Person = z.infer<typeof personSchema>;

const peopleReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("people"), people: z.array(personSchema), more: z.boolean() }),
  refused,
]);

/** Who is at a store, or may talk about a parcel: its store, and the driver who holds it. Default: the token's only store. */
export const whoSchema = z.strictObject({ store: storeSchema.optional(), parcel: parcelSchema.optional() });
export const whoReplySchema = peopleReplySchema;
export type Who = z.infer<typeof whoSchema>;
export type WhoReply = z.infer<typeof whoReplySchema>;

/** Operators: everybody of a role, by driver or store. */
export const listPeopleSchema = z.strictObject({ role, after: z.union([driverSchema, storeSchema]).optional() });
export const listPeopleReplySchema = peopleReplySchema;

/** Hub to a parcel's room: where its driver is. Volatile. */
export const positionedSchema = z.object({
  driver: z.string(),
  parcel: z.string().optional(),
  lat: z.number(),
  lng: z.number(),
  at: z.string(),
});
export type Positioned = z.infer<typeof positionedSchema>;
