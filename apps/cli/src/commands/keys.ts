import type { StuckKey } from "@waybill/client";
import type { Command } from "@waybill/options";
import { z } from "zod";
import { inBatches } from "../in-batches.ts";
import { subscriptionCommand } from "../subscription-command.ts";

const columns = ["parcel", "offset", "type", "failed", "interrupted", "since", "reason"] as const;
const parcel = { placeholder: "PARCEL", describe: "the stuck parcel" };

const rowOf = (key: StuckKey) => ({
  ...key,
  type: key.event?.type ?? null,
  since: new Date(key.sinceMs).toISOString(),
  reason: key.notes.at(-1)?.reason ?? null,
});

const list = subscriptionCommand(
  {
    name: "key ls",
    examples: [{ with: "store/acme-widgets", does: "which parcels wait for a decision" }],
    summary: "Lists the parcels that are stuck: their first event failed too often, and all others wait behind it.",
    options: {},
  },
  async ({ admin, out, of }) => {
    for await (const batch of inBatches(admin.stuckKeys(of))) {
      if (out.json) for (const key of batch) await out.say("", key);
      else await out.rows(columns, batch.map(rowOf));
    }
  },
);

const retry = subscriptionCommand(
  {
    name: "key retry",
    examples: [{ with: "store/acme-widgets 1Z-204", does: "after its handler was mended" }],
    summary: "Tries the first event of a stuck or resting parcel again, from zero.",
    more: [parcel],
    options: {},
  },
  async ({ admin, out, of, rest: [name = ""] }) => {
    const offset = await admin.retryKey(of, name);
    await out.say(`Offset ${offset} of parcel ${name} is tried again.`, { parcel: name, offset, retried: true });
  },
);

const skip = subscriptionCommand(
  {
    name: "key skip",
    examples: [{ with: 'store/acme-widgets 1Z-204 --reason "the street was renamed"', does: "the parcel goes on without it" }],
    summary: "Puts the first event of a stuck or resting parcel aside as a dead letter; the parcel goes on.",
    more: [parcel],
    options: { reason: z.string().min(1).max(512).describe("Why; it is kept with the dead letter.").meta({ placeholder: "TEXT" }) },
  },
  async ({ admin, out, of, rest: [name = ""], options: { reason } }) => {
    const offset = await admin.skipKey(of, name, reason);
    await out.say(`Offset ${offset} of parcel ${name} is a dead letter now; the parcel goes on.`, { parcel: name, offset, skipped: true });
  },
);

/** `key ls`, `key retry`, `key skip`. */
export const keyCommands: Record<string, Command> = { "key ls": list, "key retry": retry, "key skip": skip };
