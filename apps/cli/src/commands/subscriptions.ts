import { type Command, command, defineOptions, UsageError } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "../admin-options.ts";
import { inBatches } from "../in-batches.ts";
import { subscriptionCommand } from "../subscription-command.ts";
import { subscriptionColumns, subscriptionRow } from "../subscription-row.ts";
import { withAdmin } from "../with-admin.ts";

const list: Command = command(
  defineOptions({
    name: "waybill sub ls",
    summary: "Lists the subscriptions that have something left to do, or are read right now.",
    usage: "npm run waybill -- sub ls",
    examples: [{ command: "npm run waybill -- sub ls --json", does: "a line each, for a program" }],
    options: z.strictObject(adminOptions),
  }),
  ({ options, signal }) =>
    withAdmin(options, signal, async ({ admin, out }) => {
      for await (const batch of inBatches(admin.subscriptions())) await out.rows(subscriptionColumns, batch.map(subscriptionRow));
    }),
);

const info = subscriptionCommand(
  {
    name: "sub info",
    examples: [{ with: "store/acme-widgets:audit", does: "the group audit of one store's queue" }],
    summary: "Shows one subscription, and who reads it.",
    options: {},
  },
  async ({ admin, out, of }) => {
    const detail = await admin.subscription(of);
    if (out.json) return out.say("", detail);
    await out.rows(subscriptionColumns, [subscriptionRow(detail)]);
    const types = detail.types === null ? "all types" : detail.types.join(", ");
    await out.say(
      `\nIt wants ${types}. ${detail.resting} events wait for a retry, ${detail.delayed} for their time, ${detail.parkedKeys} parcels are put aside. History begins at ${detail.firstKept}.`,
      {},
    );
    for (const { from, to } of detail.gaps ?? [])
      await out.say(`Offsets ${from} to ${to} were retained away before they were read; no reader has confirmed yet that it knows.`, {});
    for (const { by, mode, credit } of detail.readers) await out.say(`Read by ${by} (${mode}, up to ${credit} events in hand).`, {});
  },
);

const pause = subscriptionCommand(
  {
    name: "sub pause",
    examples: [{ with: "store/acme-widgets", does: "nothing more goes out, until it is resumed" }],
    summary: "Pauses a subscription: nothing more is offered, what is in hand can be settled.",
    options: {},
  },
  async ({ admin, out, of, word }) => {
    await admin.pause(of);
    await out.say(`${word} is paused.`, { subscription: word, paused: true });
  },
);

const resume = subscriptionCommand(
  {
    name: "sub resume",
    examples: [{ with: "store/acme-widgets", does: "what waited goes out" }],
    summary: "Resumes a paused subscription.",
    options: {},
  },
  async ({ admin, out, of, word }) => {
    await admin.resume(of);
    await out.say(`${word} goes on.`, { subscription: word, paused: false });
  },
);

const policy = subscriptionCommand(
  {
    name: "sub policy",
    examples: [{ with: "store/acme-widgets skip", does: "what failed too often becomes a dead letter" }],
    summary: "Says what becomes of an event that failed too often: block (it is stuck, its parcel waits) or skip (a dead letter).",
    more: [{ placeholder: "POLICY", describe: "block or skip" }],
    options: {},
  },
  async ({ admin, out, of, word, rest: [wanted] }) => {
    const { data: chosen } = z.enum(["block", "skip"]).safeParse(wanted);
    if (chosen === undefined) throw new UsageError([`${JSON.stringify(wanted)} is no policy; there are block and skip.`]);
    await admin.setPolicy(of, chosen);
    await out.say(`${word} has policy ${chosen}.`, { subscription: word, policy: chosen });
  },
);

/** `sub ls`, `sub info`, `sub pause`, `sub resume`, `sub policy`. */
export const subscriptionCommands: Record<string, Command> = {
  "sub ls": list,
  "sub info": info,
  "sub pause": pause,
  "sub resume": resume,
  "sub policy": policy,
};
