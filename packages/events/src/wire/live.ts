/** What is live: told to who is there, kept nowhere. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { driverSchema, parcelSchema, storeSchema, zoneSchema } from "../names.ts";

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

/** Who said something: the token's subject, and the connection that can be answered. `id`: the driver or the store. */
const speaker = { role, id: z.string(), subject: z.string(), socket: z.string() };

/** A client to the hub: somebody types about this parcel, or stopped. `store`: as in `who`. */
export const typingSchema = z.strictObject({ parcel: parcelSchema, store: storeSchema.optional(), typing: z.boolean() });
export type Typing = z.infer<typeof typingSchema>;
/** Hub to all who have to do with the parcel but the sender. */
export const typingNoticeSchema = z.object({ ...speaker, store: z.string(), parcel: z.string(), typing: z.boolean() });
export type TypingNotice = z.infer<typeof typingNoticeSchema>;

/** A client to one connection that `who` shows it, with the same `store` or `parcel`. */
export const wordSchema = z.strictObject({
  to: z.string().min(1).max(64),
  text: z.string().min(1).max(limits.wordCharsMax),
  store: storeSchema.optional(),
  parcel: parcelSchema.optional(),
});
/** `heard`: acknowledged by the other client. `sent`: not within `wordWaitMs`. */
export const wordReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("heard") }),
  z.object({ outcome: z.literal("sent") }),
  refused,
]);
export type Word = z.infer<typeof wordSchema>;
export type WordReply = z.infer<typeof wordReplySchema>;
/** With an acknowledgement. */
export const wordNoticeSchema = z.object({ ...speaker, text: z.string(), at: z.string() });
export type WordNotice = z.infer<typeof wordNoticeSchema>;

const several = <T extends z.ZodType>(name: T) => z.array(name).min(1).max(limits.addresseesMax);
/** Whom an operator means: drivers (all, or those who read these zones' pools), vendors (all, or those of these stores), in each case but some. */
const addressees = {
  drivers: z.strictObject({ zones: several(zoneSchema).optional(), except: several(zoneSchema).optional() }).optional(),
  vendors: z.strictObject({ stores: several(storeSchema).optional(), except: several(storeSchema).optional() }).optional(),
  /** Only those who are connected to this hub process. */
  thisNode: z.boolean().optional(),
};
const addresseesSchema = z.strictObject(addressees);
export type Addressees = z.infer<typeof addresseesSchema>;

const noticeText = z.string().min(1).max(limits.wordCharsMax);
/** An operator to many, told once to those who are there. */
export const sendNoticeSchema = z.strictObject({ text: noticeText, ...addressees });
export const sendNoticeReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("told"), sockets: z.int().nonnegative() }),
  refused,
]);
/** Hub to those who were meant; `by` is the operator. */
export const noticeSchema = z.object({ text: z.string(), by: z.string(), at: z.string() });
export type Notice = z.infer<typeof noticeSchema>;

/** An operator asks many, and waits for as many acknowledgements. */
export const rollCallSchema = z.strictObject({ text: noticeText, waitMs: z.int().min(1).max(limits.waitMsMax).optional(), ...addressees });
/** What they acknowledged with, if it is text (cut to `rollCallCharsMax`), in the order of its arrival. */
export const rollCallReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("answered"), asked: z.int().nonnegative(), answered: z.int().nonnegative(), answers: z.array(z.string()) }),
  refused,
]);
export type RollCall = z.infer<typeof rollCallSchema>;
export type RollCallReply = z.infer<typeof rollCallReplySchema>;

/** Hub to a parcel's room: where its driver is. Volatile. */
export const positionedSchema = z.object({
  driver: z.string(),
  parcel: z.string().optional(),
  lat: z.number(),
  lng: z.number(),
  at: z.string(),
});
export type Positioned = z.infer<typeof positionedSchema>;
