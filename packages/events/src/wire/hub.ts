/** What operators ask of the hub itself: how it is, what it is set to, and its backups. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { backupNameSchema } from "../names.ts";
import { subscriptionSummarySchema } from "./operate.ts";

const count = z.int().nonnegative();
const refused = z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema });

/** Since the hub's start. Rates are differences of two answers, over the difference of their `uptimeMs`. */
const hubCounters = z.object({
  published: count,
  stored: count,
  duplicates: count,
  refused: count,
  appended: count,
  delivered: count,
  settled: count,
  failed: count,
});

/** Measured now or a moment ago: counting what waits reads every subscription that has something left. */
const hubGauges = z.object({
  pending: count,
  stuck: count,
  dead: count,
  subscriptions: count,
  walBytes: count,
  fileBytes: count,
  rssBytes: count,
  /** How late the event loop was, at worst and for all but one in a hundred turns, since it was measured last. */
  loopDelayMs: z.object({ p99: z.number(), max: z.number() }),
  /** Of the disk with the data folder, for the hub's user; `null`: the storage is in memory. */
  diskFreeBytes: count.nullable(),
});

/** What its operator set, as far as it matters to whoever looks after it. */
const hubSettings = z.object({
  host: z.string(),
  port: count,
  open: z.boolean(),
  transports: z.array(z.string()),
  /** `demo`: made by the hub for itself; `operator`: a key of your own. */
  key: z.enum(["operator", "demo"]),
  storage: z.string(),
  queueEventsMax: count,
  deadLettersMax: count,
  retentionMs: count,
  retentionEventsMax: count,
  pickupDueMs: count,
  ballastBytes: count,
});

const backup = z.object({
  name: backupNameSchema,
  state: z.enum(["running", "done", "failed", "unfinished"]),
  /** On the hub's machine. */
  path: z.string(),
  /** By the hub's wall clock. */
  startedAtMs: z.int(),
  seconds: z.number(),
  /** Written so far, and about how many there will be. */
  bytes: count,
  bytesExpected: count,
  /** `null` until it is done. */
  events: count.nullable(),
  storageId: z.string(),
  /** Of a failed one. */
  error: hubErrorBodySchema.optional(),
});

export const hubInfoSchema = z.strictObject({});
export const hubInfoReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("hub"),
    hub: z.object({
      version: z.string(),
      /** Of the wire. */
      protocol: z.object({ min: count, max: count }),
      node: z.string(),
      storageId: z.string(),
      epoch: z.int().positive(),
      format: count,
      /** Monotonic, to the millisecond. */
      uptimeMs: z.number(),
      hubTimeMs: z.int(),
      wallMs: z.int(),
      draining: z.boolean(),
      connections: z.object({ driver: count, vendor: count, admin: count }),
      counters: hubCounters,
      gauges: hubGauges,
      settings: hubSettings,
      /** Those with most that waits, and those that settle most. `settledPerSecond`: over the last measurement. */
      busiest: z.array(subscriptionSummarySchema.extend({ settledPerSecond: z.number() })),
      /** Gone for a full disk, as long as it is `true`. */
      ballastReleased: z.boolean(),
      lastBackup: backup.nullable(),
      /** Who asks, and how long the token is good: by the wall clock. */
      you: z.object({ subject: z.string(), role: z.string(), expiresAtMs: z.int() }),
    }),
  }),
  refused,
]);

/** Begins a backup in the folder that the hub's operator set. Without a name it is called by the time. The answer comes at once. */
export const makeBackupSchema = z.strictObject({ name: backupNameSchema.optional() });
export const backupStateSchema = z.strictObject({ name: backupNameSchema });
export const backupReplySchema = z.discriminatedUnion("outcome", [z.object({ outcome: z.literal("backup"), backup }), refused]);
/** The latest first. */
export const listBackupsSchema = z.strictObject({});
export const listBackupsReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("backups"), folder: z.string(), backups: z.array(backup), more: z.boolean() }),
  refused,
]);

export type HubInfo = Extract<z.infer<typeof hubInfoReplySchema>, { outcome: "hub" }>["hub"];
export type HubCounters = z.infer<typeof hubCounters>;
export type Backup = z.infer<typeof backup>;
