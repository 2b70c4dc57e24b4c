import type { PeekedEvent, QueueDetail, QueueSummary } from "@waybill/client";
import { limits } from "@waybill/events";
import { type Command, UsageError } from "@waybill/options";
import { z } from "zod";
import { adminCommand } from "../admin-command.ts";
import { inBatches } from "../in-batches.ts";
import type { Output } from "../output.ts";
import { subscriptionColumns, subscriptionRow } from "../subscription-row.ts";
import { parseQueue, queueHint } from "../subscription-word.ts";
import { isoTime } from "../time-text.ts";

const queueWord = { placeholder: "QUEUE", describe: queueHint, min: 1 };
const columns = ["queue", "head", "kept", "pending"] as const;

/** `kept`: events that are still there, settled ones for replays included. */
const rowOf = ({ queue, head, firstKept, pending }: QueueSummary) => ({ queue, head, kept: head - firstKept + 1, pending });

const list = adminCommand(
  {
    name: "queue ls",
    summary: "Lists the queues that ever had an event, with what group main has not settled of each.",
    options: { kind: z.enum(["store", "driver", "zone"]).optional().describe("Queues of this kind only.") },
    examples: [{ with: "--kind zone", does: "the pools, and how many jobs wait in each" }],
  },
  async ({ admin, out, options: { kind } }) => {
    for await (const batch of inBatches(admin.queues(kind ? { kind } : {}))) {
      if (out.json) for (const queue of batch) await out.say("", queue);
      else await out.rows(columns, batch.map(rowOf));
    }
  },
);

const info = adminCommand(
  {
    name: "queue info",
    summary: "Shows a queue: how long it is, what is kept of it, how far each of its groups is.",
    positionals: queueWord,
    options: {},
    examples: [{ with: "store/acme-widgets", does: "one store's queue" }],
  },
  async ({ admin, out, words: [word = ""] }) => {
    const detail = await admin.queue(parseQueue(word));
    if (out.json) return out.say("", detail);
    await showQueue(out, detail);
  },
);

async function showQueue(out: Output, detail: QueueDetail): Promise<void> {
  const { queue, head, firstKept, pending, firstMs, lastMs, groups, jobs } = detail;
  const kept = head - firstKept + 1;
  await out.facts([
    ["Queue", queue],
    ["Events so far", String(head)],
    ["Retained away", String(firstKept - 1)],
    ["Kept", firstMs === null ? "0" : `${kept}, the first of ${isoTime(firstMs)}`],
    ["Last event", lastMs === null ? "none" : isoTime(lastMs)],
    ["Not settled by main", String(pending)],
  ]);
  await out.say("", {});
  await out.rows(subscriptionColumns, groups.map(subscriptionRow));
  if (jobs.length === 0) return;
  await out.say(`\nJobs that wait for a driver${pending > jobs.length ? ` (the first ${jobs.length})` : ""}:`, {});
  for (const { parcel, store, sinceMs } of jobs) await out.say(`  ${parcel} of ${store}, since ${isoTime(sinceMs)}`, {});
}

const peekColumns = ["offset", "recorded", "type", "parcel", "by", "data"] as const;
const dataSchema = z.object({ data: z.unknown() });

const peekRow = ({ offset, recordedAtMs, type, parcel, producer, event }: PeekedEvent) => {
  const parsed = dataSchema.safeParse(event);
  return { offset, recorded: isoTime(recordedAtMs), type, parcel, by: producer, data: JSON.stringify(parsed.data?.data ?? {}) };
};

const peek = adminCommand(
  {
    name: "queue peek",
    summary: "Shows events of a queue with their data. Nothing is settled by it, and no reader notices.",
    positionals: queueWord,
    options: {
      from: z.int().min(1).optional().describe("From this offset to the queue's end.").meta({ placeholder: "OFFSET" }),
      last: z
        .int()
        .min(1)
        .max(limits.peekEventsMax)
        .optional()
        .describe("Of the last so many events. Without --from and --last: of the last 20.")
        .meta({ placeholder: "N" }),
      parcel: z.string().optional().describe("Those of this parcel.").meta({ placeholder: "PARCEL" }),
      type: z.string().optional().describe("Those of this event type.").meta({ placeholder: "TYPE" }),
    },
    examples: [
      { with: "store/acme-widgets --last 5", does: "the latest five" },
      { with: "store/acme-widgets --from 1 --parcel 1Z-204", does: "all that is kept of one parcel" },
    ],
  },
  async ({ admin, out, words: [word = ""], options: { from, last, parcel, type } }) => {
    if (from !== undefined && last !== undefined) throw new UsageError(["Write --from or --last, not both."]);
    const begin = from === undefined ? { last: last ?? 20 } : { from };
    const filter = { ...(parcel === undefined ? {} : { parcel }), ...(type === undefined ? {} : { type }) };
    for await (const batch of inBatches(admin.peek(parseQueue(word), { ...begin, ...filter }))) {
      if (out.json) for (const event of batch) await out.say("", event);
      else await out.rows(peekColumns, batch.map(peekRow));
    }
  },
);

/** `queue ls`, `queue info`, `queue peek`. */
export const queueCommands: Record<string, Command> = { "queue ls": list, "queue info": info, "queue peek": peek };
