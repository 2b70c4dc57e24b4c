import { limits, PROTOCOL_VERSION, storeSchema } from "@waybill/events";
import { defineOptions } from "@waybill/options";
import { z } from "zod";

const duration = (leastMs: number) => z.int().min(leastMs);
const originSchema = z.string().regex(/^https?:\/\/[^/\s]+$/);

/** The hub's options: flags, environment, help and docs/config.md all come from here. */
export const hubOptions = defineOptions({
  name: "hub",
  summary: `The hub: keeps events until they are handled, and hands them out in each parcel's order. Speaks version ${PROTOCOL_VERSION} of the wire.`,
  usage: "npm run hub --",
  options: z.strictObject({
    host: z
      .string()
      .min(1)
      .default("127.0.0.1")
      .describe("Address to listen on. All but loopback need a key of your own.")
      .meta({ env: "WAYBILL_HOST", placeholder: "ADDRESS" }),
    port: z.int().min(0).max(65_535).default(3_000).describe("Port to listen on; 0 takes a free one.").meta({ env: "WAYBILL_PORT" }),
    data: z
      .string()
      .min(1)
      .default("./data")
      .describe("Data folder; made when it is not there. One hub at a time.")
      .meta({ env: "WAYBILL_DATA", path: true, placeholder: "DIR" }),
    backups: z
      .string()
      .min(1)
      .optional()
      .describe("Folder for the backups that operators ask for; better on another disk. Default: backups in the data folder.")
      .meta({ env: "WAYBILL_BACKUPS", path: true, placeholder: "DIR" }),
    keyFile: z
      .string()
      .optional()
      .describe(
        "File with the key that signs tokens, base64 of 32 bytes or more. Or the key itself in WAYBILL_KEY. Without either the hub makes one.",
      )
      .meta({ env: "WAYBILL_KEY_FILE", path: true, placeholder: "FILE" }),
    open: z
      .boolean()
      .default(false)
      .describe(`Stores, drivers and zones become known at first sight, up to ${limits.openNamesMax} of each.`)
      .meta({ env: "WAYBILL_OPEN" }),
    origins: z
      .array(originSchema)
      .default([])
      .describe("Origin of a page that may connect, such as https://board.example. Programs without an origin always may.")
      .meta({ env: "WAYBILL_ORIGINS", placeholder: "ORIGIN" }),
    tenantNamespaces: z
      .boolean()
      .default(false)
      .describe("Each tenant but the default one has namespaces of its own, such as /acme/driver, and does not enter the shared ones.")
      .meta({ env: "WAYBILL_TENANT_NAMESPACES" }),
    transports: z
      .array(z.enum(["polling", "websocket"]))
      .min(1)
      .default(["polling", "websocket"])
      .describe("How clients may connect. A plain io(url) begins with polling; SDKs use websocket.")
      .meta({ env: "WAYBILL_TRANSPORTS" }),
    log: z
      .enum(["pretty", "json", "silent"])
      .optional()
      .describe("What the hub says on standard output. Default: pretty on a terminal, json elsewhere.")
      .meta({ env: "WAYBILL_LOG" }),
    lease: duration(1_000)
      .max(limits.leaseMsMax)
      .default(limits.leaseMs)
      .describe("A delivery that is not settled in this time is offered again.")
      .meta({ env: "WAYBILL_LEASE", unit: "duration" }),
    offer: duration(1_000)
      .max(limits.leaseMsMax)
      .default(limits.offerMs)
      .describe("A job that a driver does not take in this time is offered to the next.")
      .meta({ env: "WAYBILL_OFFER", unit: "duration" }),
    pickupDue: duration(1_000)
      .default(1_800_000)
      .describe("A job that is taken and not picked up in this time is shown as overdue.")
      .meta({ env: "WAYBILL_PICKUP_DUE", unit: "duration" }),
    drain: duration(0)
      .max(limits.drainMsMax)
      .default(limits.drainMs)
      .describe(
        "When the hub is asked to stop, what is in hand may be finished for so long; what is left then goes back, uncounted. 0: at once.",
      )
      .meta({ env: "WAYBILL_DRAIN", unit: "duration" }),
    failedMax: z
      .int()
      .min(1)
      .max(1_000)
      .default(limits.failedMax)
      .describe("Failed attempts until an event is stuck, or a dead letter.")
      .meta({ env: "WAYBILL_FAILED_MAX" }),
    interruptedMax: z
      .int()
      .min(1)
      .max(1_000)
      .default(limits.interruptedMax)
      .describe("Attempts that a dying process or connection interrupted, until an event is stuck, or a dead letter.")
      .meta({ env: "WAYBILL_INTERRUPTED_MAX" }),
    backoff: duration(1)
      .default(1_000)
      .describe("Wait after the first failed attempt; it doubles with each.")
      .meta({ env: "WAYBILL_BACKOFF", unit: "duration" }),
    backoffMax: duration(1)
      .default(60_000)
      .describe("The longest wait between attempts.")
      .meta({ env: "WAYBILL_BACKOFF_MAX", unit: "duration" }),
    queueEventsMax: z
      .int()
      .min(1)
      .default(limits.queueEventsMax)
      .describe("Events that a queue's group main may leave unsettled; more are refused (QUEUE_FULL) and stay in the outbox.")
      .meta({ env: "WAYBILL_QUEUE_EVENTS_MAX" }),
    retention: duration(1_000)
      .default(2_592_000_000)
      .describe("Settled events are kept so long, for replays. What is not settled is never dropped.")
      .meta({ env: "WAYBILL_RETENTION", unit: "duration" }),
    retentionEventsMax: z
      .int()
      .min(1)
      .default(1_000_000)
      .describe("And of each queue at most so many settled events.")
      .meta({ env: "WAYBILL_RETENTION_EVENTS_MAX" }),
    ballastMb: z
      .int()
      .min(0)
      .default(64)
      .describe("Megabytes kept free in the data folder; on a full disk, settles and trimming go on from them. 0: none.")
      .meta({ env: "WAYBILL_BALLAST_MB" }),
    capsPort: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe("Serves old parcel clients, which have no tokens, on this port; 0 takes a free one. Default: they are not served.")
      .meta({ env: "WAYBILL_CAPS_PORT" }),
    capsHost: z
      .string()
      .min(1)
      .default("127.0.0.1")
      .describe("Address to listen on for old clients: of this machine, or of a private network.")
      .meta({ env: "WAYBILL_CAPS_HOST", placeholder: "ADDRESS" }),
    capsPublic: z
      .boolean()
      .default(false)
      .describe("Allows any address for old clients: whoever reaches it may speak for each store of --caps-stores.")
      .meta({ env: "WAYBILL_CAPS_PUBLIC" }),
    capsStores: z
      .array(storeSchema)
      .default([])
      .describe("Store for which old clients may speak; it becomes known, and gets a group caps. No other is served to them.")
      .meta({ env: "WAYBILL_CAPS_STORES", placeholder: "ID", takes: "a store's name: a-z, 0-9 and -, such as acme-widgets" }),
    capsDialect: z
      .array(z.string().min(1))
      .min(1)
      .default(["/caps"])
      .describe(
        "Namespace of old clients, and the names of pickup, in-transit and delivered that they listen to, where those are others: /shipping:PICKUP:IN_TRANSIT:DELIVERED.",
      )
      .meta({ env: "WAYBILL_CAPS_DIALECT", placeholder: "NAMESPACE[:NAMES]" }),
    storage: z
      .enum(["sqlite", "memory"])
      .default("sqlite")
      .describe("Where events are kept. With memory nothing survives the process: only to see what that costs.")
      .meta({ env: "WAYBILL_STORAGE" }),
  }),
  examples: [
    { command: "npm run hub -- --open", does: "for a first try, on this machine alone" },
    { command: "npm run hub -- --host 0.0.0.0 --key-file /etc/waybill.key", does: "for a network" },
    { command: "npm run hub -- --caps-port 3001 --caps-stores acme-widgets", does: "with old parcel clients beside" },
  ],
});
export type HubOptions = z.infer<typeof hubOptions.options>;
