import { z } from "zod";

/**
 * Every name that a peer may choose. All of them are short, start with a letter or a digit, and can be
 * neither `__proto__` nor `constructor` nor `prototype`, so that they are safe wherever they end up: in a
 * room's name, a queue's name, a log line, a file name or a Map's key.
 */
const id = () => z.string().regex(/^(?!(?:constructor|prototype)$)[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);

const word = (max: number) => z.string().regex(new RegExp(`^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9-]{0,${max - 1}}$`));

/** Chosen by the publisher, unique per producer. The SDK makes a UUID. */
export const eventIdSchema = id();
/** A parcel, which is also the order key: its events are settled in their order. */
export const parcelSchema = id();
export const tenantSchema = word(32);
export const storeSchema = word(63);
export const driverSchema = word(63);
export const zoneSchema = word(63);
export const groupSchema = word(63);
/** A word, never a path: where backups lie is the operator's to say. */
export const backupNameSchema = word(63);
/** A producer is an outbox: its id is random and born with it. */
export const producerSchema = id();

export const queueSchema = z.string().regex(/^(?:store|driver|zone)\/(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9-]{0,62}$/);

/** Position in a queue: contiguous, from 1. */
export const offsetSchema = z.int().positive();
/** What a producer published to one home, counted: contiguous, from 1. */
export const numberSchema = z.int().positive();

export type Queue = z.infer<typeof queueSchema>;
export type QueueKind = "store" | "driver" | "zone";

export const queueOf = (kind: QueueKind, id: string): Queue => `${kind}/${id}`;

/** Splits `store/acme` into its kind and id. The queue must have been parsed before. */
export function queueParts(queue: Queue): { kind: QueueKind; id: string } {
  const slash = queue.indexOf("/");
  return { kind: queue.slice(0, slash) as QueueKind, id: queue.slice(slash + 1) };
}

/** What keeps its order: each parcel, all of the queue, or nothing (a pool). */
export type QueueOrder = "key" | "queue" | "none";
/** What a group may keep; chosen when it is made. */
export const groupOrderSchema = z.enum(["key", "queue"]);
export type GroupOrder = z.infer<typeof groupOrderSchema>;
/** `kept`: what the group was made with. A pool keeps no order, whatever that says. */
export const orderOf = (queue: Queue, kept: GroupOrder = "key"): QueueOrder => (queueParts(queue).kind === "zone" ? "none" : kept);

/** Every ordered queue is born with this group; it alone may fill the queue. */
export const MAIN_GROUP = "main";
export const DEFAULT_TENANT = "default";
