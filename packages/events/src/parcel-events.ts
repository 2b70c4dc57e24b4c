import { z } from "zod";
import { limits } from "./limits.ts";
import { driverSchema, eventIdSchema, parcelSchema, storeSchema, zoneSchema } from "./names.ts";
import { quickParser } from "./quick-check.ts";

const text = (max: number) => z.string().min(1).max(max);
const scalar = z.union([z.string().max(1_024), z.number(), z.boolean(), z.null()]);
const fieldName = z.string().regex(/^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_][A-Za-z0-9_-]{0,63}$/);

/** Fields of the company's own: flat, so that nothing in an event nests deeper than three levels. */
const extra = z.record(fieldName, scalar).optional();
const place = { lat: z.number().min(-90).max(90).optional(), lng: z.number().min(-180).max(180).optional() };
const note = text(1_024).optional();

export const attemptReasons = ["nobody-home", "refused", "wrong-address", "no-access", "damaged", "other"] as const;
export const attemptActions = ["retry", "return", "hold"] as const;

/** The payload (`data`) of each event type. Strict: an unknown field is an error with its path, not a surprise later. */
export const eventData = {
  /** The parcel waits for pickup in a zone: its drivers are asked. */
  ready: z.strictObject({
    zone: zoneSchema,
    address: text(256).optional(),
    customer: text(128).optional(),
    items: z.int().positive().optional(),
    note,
    extra,
  }),
  /** By the hub, when a driver takes the job. */
  claimed: z.strictObject({ driver: driverSchema, zone: zoneSchema }),
  /** By the hub, when a driver hands the job back. */
  released: z.strictObject({ driver: driverSchema, zone: zoneSchema, reason: text(limits.reasonCharsMax).optional() }),
  pickup: z.strictObject({
    customer: text(128).optional(),
    address: text(256).optional(),
    items: z.int().positive().optional(),
    ...place,
    note,
    extra,
  }),
  "in-transit": z.strictObject({ etaAt: z.iso.datetime({ offset: true }).optional(), ...place, note, extra }),
  delivered: z.strictObject({ receivedBy: text(128).optional(), proof: text(128).optional(), ...place, note, extra }),
  "attempt-failed": z.strictObject({ reason: z.enum(attemptReasons), action: z.enum(attemptActions), ...place, note, extra }),
  returning: z.strictObject({ reason: z.enum(attemptReasons).optional(), note, extra }),
  returned: z.strictObject({ receivedBy: text(128).optional(), note, extra }),
  cancelled: z.strictObject({ reason: text(limits.reasonCharsMax).optional(), extra }),
  message: z.strictObject({ text: text(4_096), from: text(128).optional(), extra }),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;
export const eventTypes = Object.keys(eventData) as EventType[];
export const isEventType = (name: string): name is EventType => Object.hasOwn(eventData, name);

export type Role = "driver" | "vendor" | "admin";
/** Who may publish what. `claimed` and `released` are made by the hub alone. */
export const publishers: Record<EventType, readonly Role[]> = {
  ready: ["vendor"],
  claimed: [],
  released: [],
  pickup: ["driver"],
  "in-transit": ["driver"],
  delivered: ["driver"],
  "attempt-failed": ["driver"],
  returning: ["driver"],
  returned: ["driver"],
  cancelled: ["vendor"],
  message: ["driver", "vendor"],
};

/** W3C trace context, carried from publisher to handler. */
const trace = z
  .string()
  .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  .optional();

/** With its zone, like `at`. At most `delayMsMax` ahead; in the past it is no delay. */
export const notBeforeSchema = z.iso.datetime({ offset: true }).optional();

const envelope = <T extends EventType>(type: T) =>
  z.strictObject({
    id: eventIdSchema,
    type: z.literal(type),
    parcel: parcelSchema,
    store: storeSchema,
    /** The device's clock, with its zone: when it happened, not when it was told. */
    at: z.iso.datetime({ offset: true }),
    /** Stored at once, and offered to nobody before this moment of hub time; later events of the parcel wait behind it. */
    notBefore: notBeforeSchema,
    data: eventData[type],
    trace,
  });

/** A fact about a parcel. Immutable: a correction is a new event. */
export const parcelEventSchema = z.discriminatedUnion("type", [
  envelope("ready"),
  envelope("claimed"),
  envelope("released"),
  envelope("pickup"),
  envelope("in-transit"),
  envelope("delivered"),
  envelope("attempt-failed"),
  envelope("returning"),
  envelope("returned"),
  envelope("cancelled"),
  envelope("message"),
]);
export type ParcelEvent = z.infer<typeof parcelEventSchema>;
/** What it accepts as it is, it hands back itself. */
export const parseParcelEvent = quickParser(parcelEventSchema);
export type ParcelEventOf<T extends EventType> = Extract<ParcelEvent, { type: T }>;

/** Several a second and `volatile`: rooms only, never stored. */
export const positionSchema = z.strictObject({
  parcel: parcelSchema.optional(),
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  at: z.iso.datetime({ offset: true }).optional(),
});
export type Position = z.infer<typeof positionSchema>;
