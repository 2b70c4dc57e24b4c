import { z } from "zod";

/** `never`: sending it again cannot help. `backoff`: the same again, later. `reconnect`: on a new connection. */
export const retrySchema = z.enum(["never", "backoff", "reconnect"]);
export type Retry = z.infer<typeof retrySchema>;

/** The one table of codes. A test keeps docs/errors.md equal to it. */
export const hubErrors = {
  INVALID_MESSAGE: { retry: "never", advice: "The request breaks the contract; `issues` says where. Mend the sender." },
  INVALID_EVENT: {
    retry: "never",
    advice: "The event breaks its type's schema; `issues` names each path. Mend the event and publish it under a new id.",
  },
  UNKNOWN_TYPE: { retry: "never", advice: "No event type has this name. docs/PROTOCOL.md lists the types." },
  RESERVED_NAME: { retry: "never", advice: "Socket.IO or the hub keeps this name for itself. Choose another." },
  EVENT_TOO_LARGE: { retry: "never", advice: "Shorten the event; put photos and documents elsewhere and name them." },
  ACK_MISSING: { retry: "never", advice: "Every request has an answer: pass a function as the last argument of `emit`." },
  UNAUTHORIZED: { retry: "never", advice: "The token is missing, malformed, expired or signed by another key. Get a new one." },
  FORBIDDEN: { retry: "never", advice: "The token does not allow this. Ask the hub's operator for one that does." },
  UNKNOWN_STORE: { retry: "never", advice: "Make the store known first: `npm run waybill -- store add ID`, or start the hub with --open." },
  UNKNOWN_DRIVER: {
    retry: "never",
    advice: "Make the driver known first: `npm run waybill -- driver add ID`, or start the hub with --open.",
  },
  UNKNOWN_ZONE: { retry: "never", advice: "Make the zone known first: `npm run waybill -- zone add ID`, or start the hub with --open." },
  UNKNOWN_SUBSCRIPTION: { retry: "never", advice: "This socket has no such subscription; subscribe first." },
  GROUP_EXISTS: { retry: "never", advice: "Choose another name, reset this group (`waybill sub reset`), or delete it (`waybill sub rm`)." },
  GROUP_READ: { retry: "never", advice: "Stop the programs that read this group first, or say that they are to be sent away." },
  GROUP_DIFFERS: {
    retry: "never",
    advice: "A group keeps the order that it was made with. Ask for that one, or make another group.",
  },
  RESET_SKIPS: {
    retry: "never",
    advice: "Events that are not settled would never come. Reset to an earlier place, or say with a reason that they are to be skipped.",
  },
  UNKNOWN_GROUP: { retry: "never", advice: "Groups other than `main` are made explicitly: subscribe with `from`, or `waybill replay`." },
  UNKNOWN_EVENT: {
    retry: "never",
    advice: "The queue has no such event, or the subscription no such dead letter; it may be settled, or retained away.",
  },
  UNKNOWN_BACKUP: { retry: "never", advice: "The hub knows no backup of this name. `waybill backup ls` lists those that there are." },
  NOT_STUCK: {
    retry: "never",
    advice:
      "No event of this parcel is stuck or waits for a retry here; one that waits for its `notBefore` cannot be hurried. `waybill key ls` lists those that are stuck.",
  },
  PAUSED: {
    retry: "never",
    advice: "The subscription is paused: resume it first (`waybill sub resume`), or make room among its dead letters.",
  },
  UNKNOWN_PARCEL: { retry: "never", advice: "No store has asked for a pickup of this parcel." },
  NOT_HERE: {
    retry: "never",
    advice:
      "A word goes to a connection that `who` shows you; ask again, for each new connection has a new `socket`. What must not be lost is a `message`.",
  },
  TOO_MANY_SUBSCRIPTIONS: { retry: "never", advice: "Use fewer subscriptions per socket, or several sockets." },
  TOO_MANY_GROUPS: { retry: "never", advice: "Delete a group that nobody reads any more." },
  UNSUPPORTED_PROTOCOL: { retry: "never", advice: "Client and hub do not share a version of the wire. Update the older of the two." },
  SEQUENCE_REUSED: {
    retry: "never",
    advice:
      "This number was used for another event: two processes share one outbox, or it is an old copy. The SDK goes on under a new producer id.",
  },
  SEQUENCE_GAP: {
    retry: "backoff",
    advice: "An earlier number of the lane is missing. Ask `lanes` how far it is, and send from the next number on.",
  },
  PRODUCER_FENCED: { retry: "never", advice: "A newer process holds this outbox. Stop the older one." },
  HELLO_MISSING: { retry: "backoff", advice: "Say `hello` with the producer before publishing numbered events on a new connection." },
  HUB_LOST: {
    retry: "never",
    advice:
      "The hub was restored from a backup: events confirmed after the backup are gone there. What the outbox still holds is sent again.",
  },
  CLAIM_LOST: { retry: "never", advice: "Another driver holds the job, or it was cancelled." },
  LEASE_LOST: { retry: "never", advice: "The lease of this delivery ended and it was, or will be, offered again. Stop working on it." },
  QUEUE_FULL: { retry: "backoff", advice: "The store has not taken its events for long. They stay in the outbox until there is room." },
  STORAGE_FULL: { retry: "backoff", advice: "The hub's disk is full. Nothing that was confirmed is lost; free some space." },
  STORAGE_FAILED: { retry: "backoff", advice: "The hub could not write. Look at its log; publishes go on when it can." },
  BUSY: { retry: "backoff", advice: "Too much is under way on this connection. Wait for the answers." },
  HUB_DRAINING: { retry: "reconnect", advice: "This hub is leaving; another may be up." },
  OUTBOX_FULL: { retry: "backoff", advice: "The outbox holds as many events as it may. Wait until the hub is reached again." },
  OUTBOX_HELD: { retry: "never", advice: "Another process holds this outbox file. Give each process its own." },
  OUTBOX_DAMAGED: {
    retry: "never",
    advice: "The outbox file cannot be read past the offset named. Keep the file, and start with a new one.",
  },
  DATA_HELD: { retry: "never", advice: "Another hub runs on this data folder. Stop it, or choose another folder." },
  DATA_EXISTS: { retry: "never", advice: "A copy is made into a folder that is empty or not there. Name another one." },
  DATA_UNFINISHED: {
    retry: "never",
    advice: "A backup or a restore into this folder was broken off. Delete the folder and make the copy again.",
  },
  DATA_TOO_NEW: { retry: "never", advice: "A newer Waybill wrote this data folder. Start that version; a downgrade is not possible." },
  DATA_DAMAGED: {
    retry: "never",
    advice: "The data folder does not read as it was written. Restore the latest backup; keep the folder for inspection.",
  },
  CLOSED: { retry: "never", advice: "The client was closed by its own program." },
  CANCELLED: { retry: "never", advice: "The caller's AbortSignal fired. An event that was in the outbox by then is still sent." },
  TIMED_OUT: { retry: "backoff", advice: "No answer in time. Ask again; repeats are recognised." },
  INTERNAL: { retry: "backoff", advice: "A fault in the hub. Its log has the details under the same message." },
} as const satisfies Record<string, { retry: Retry; advice: string }>;

export type HubErrorCode = keyof typeof hubErrors;

/** Where a message breaks its schema, and why. */
export const issueSchema = z.object({ path: z.string(), message: z.string() });
export type Issue = z.infer<typeof issueSchema>;

/** `code` is open on the wire: an old client that meets a new code still knows how to `retry`. */
export const hubErrorBodySchema = z.object({
  code: z.string(),
  retry: retrySchema,
  message: z.string(),
  issues: z.array(issueSchema).optional(),
});
export type HubErrorBody = z.infer<typeof hubErrorBodySchema>;

/** The one error class. The message says what was found, why it is refused, and what to do. */
export class HubError extends Error {
  override readonly name = "HubError";
  readonly code: HubErrorCode;
  readonly issues: readonly Issue[];
  constructor(code: HubErrorCode, message: string, options?: ErrorOptions & { issues?: readonly Issue[] }) {
    super(message, options);
    this.code = code;
    this.issues = options?.issues ?? [];
  }
  get retry(): Retry {
    return hubErrors[this.code].retry;
  }
  /** What crosses the wire. Stack and cause stay in this process. */
  toBody(): HubErrorBody {
    const body: HubErrorBody = { code: this.code, retry: this.retry, message: this.message };
    return this.issues.length > 0 ? { ...body, issues: [...this.issues] } : body;
  }
}

/** What a peer is told of a fault that is not a HubError: nothing of its inside. */
export function toHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  return new HubError("INTERNAL", "The hub failed to handle the request; its log says why.", { cause: error });
}

/** Zod's issues as wire issues, at most eight. */
export function toIssues(error: z.ZodError): Issue[] {
  return error.issues.slice(0, 8).map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }));
}
