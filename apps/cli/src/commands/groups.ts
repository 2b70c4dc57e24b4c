import { eventTypes, type GroupCreated, type GroupReset } from "@waybill/client";
import { type Command, UsageError } from "@waybill/options";
import { z } from "zod";
import { parseStart, startHint } from "../start-word.ts";
import { subscriptionCommand } from "../subscription-command.ts";

const dryRun = z.boolean().default(false).describe("Only say what it would do.");
const reason = z.string().min(1).max(512).optional().describe("Why; it is kept in the audit log.").meta({ placeholder: "TEXT" });
const type = z.enum(eventTypes);

const replay = subscriptionCommand(
  {
    name: "replay",
    examples: [{ with: "store/acme-widgets:rebuild --from 2026-05-01T00:00:00Z", does: "a new reader gets all since May" }],
    summary: "Makes a new group that gets a queue's events from the place given on, and says what it will get.",
    options: {
      from: z.string().describe(`Where it begins: ${startHint}.`).meta({ placeholder: "PLACE" }),
      types: z.array(type).optional().describe("Only events of this type.").meta({ placeholder: "TYPE" }),
      order: z.enum(["key", "queue"]).default("key").describe("What stays in order: each parcel (key), or the whole queue."),
      policy: z
        .enum(["block", "skip"])
        .default("block")
        .describe("What becomes of an event that failed too often: it is stuck, or a dead letter."),
      dryRun,
    },
  },
  async ({ admin, out, of, word, options: { from, types, ...rest } }) => {
    const made = await admin.createGroup(named(of, word), { from: parseStart(from), ...(types ? { types } : {}), ...rest });
    await out.say(createdSentence(word, made), { subscription: word, ...recordOf(made) });
  },
);

const reset = subscriptionCommand(
  {
    name: "sub reset",
    examples: [{ with: "store/acme-widgets:audit --to start --dry-run", does: "what would come again" }],
    summary: "Sets a group back or forward: all before the place counts as settled, and all from there on comes again.",
    options: {
      to: z.string().describe(`Where it goes on: ${startHint}.`).meta({ placeholder: "PLACE" }),
      dryRun,
      skipUnsettled: z.boolean().default(false).describe("Pass over events that are not settled; they will never come. Needs --reason."),
      reason,
    },
  },
  async ({ admin, out, of, word, options: { to, dryRun: isDry, skipUnsettled: skip, reason: why } }) => {
    if (skip && why === undefined) throw new UsageError(["--skip-unsettled needs --reason: events that are not settled are given up."]);
    const done = await admin.reset(of, { to: parseStart(to), dryRun: isDry, skip, ...(why === undefined ? {} : { reason: why }) });
    await out.say(resetSentences(word, done, skip), { subscription: word, ...recordOf(done) });
  },
);

const remove = subscriptionCommand(
  {
    name: "sub rm",
    examples: [{ with: 'store/acme-widgets:audit --reason "no longer read"', does: "the group is gone, the events stay" }],
    summary: "Deletes a group with all that is known of it. The queue's events stay.",
    options: {
      evenIfRead: z.boolean().default(false).describe("Also while programs read it: they are sent away."),
      reason,
    },
  },
  async ({ admin, out, of, word, options: { evenIfRead, reason: why } }) => {
    const gone = await admin.deleteGroup(named(of, word), { evenIfRead, ...(why === undefined ? {} : { reason: why }) });
    const sent = gone.consumers > 0 ? ` ${gone.consumers} consumers were sent away.` : "";
    await out.say(`${word} is deleted; it had ${gone.pending} events to settle and ${gone.dead} dead letters.${sent}`, {
      subscription: word,
      ...recordOf(gone),
    });
  },
);

/** Group main is there from the beginning, and cannot be meant by leaving the group out. */
function named({ queue, group }: { queue: string; group?: string }, word: string): { queue: string; group: string } {
  if (group === undefined) throw new UsageError([`Name the group: ${word}:GROUP. Group main belongs to the queue.`]);
  return { queue, group };
}

const recordOf = <T extends { outcome: string }>({ outcome: _outcome, ...record }: T) => record;

const gapSentence = (gap: { from: number; to: number } | undefined): string =>
  gap ? ` Offsets ${gap.from} to ${gap.to} were retained away and do not come.` : "";

function createdSentence(word: string, { dryRun, first, head, events, order, gap }: GroupCreated): string {
  const begins = `${word} ${dryRun ? "would begin" : "begins"} at offset ${gap ? gap.to + 1 : first} of ${head}`;
  return `${begins} and ${dryRun ? "would get" : "gets"} ${events} events${order === "queue" ? ", one after the other" : ""}.${gapSentence(gap)}`;
}

function resetSentences(word: string, done: GroupReset, skip: boolean): string {
  const { dryRun, before, after, head, again, skipped, letters, attempts, stuck, parked, gap } = done;
  const moves = dryRun ? `would go to ${after.floor}` : `goes on at ${after.floor}`;
  const lines = [
    `${word} ${dryRun ? "stands" : "stood"} at ${before.floor} and ${moves} of ${head} (generation ${before.generation}, then ${after.generation}).`,
    `${again} settled events come again, ${skipped} unsettled ones are passed over.${gapSentence(gap)}`,
    `Forgotten: attempts of ${attempts} events (${stuck} stuck), ${parked} events put aside, ${letters} dead letters whose events come again.`,
  ];
  if (dryRun && skipped > 0 && !skip) lines.push("Without --skip-unsettled and --reason it is refused: what is passed over never comes.");
  return lines.join("\n");
}

/** `replay`, `sub reset`, `sub rm`. */
export const groupCommands: Record<string, Command> = { "sub reset": reset, "sub rm": remove, replay };
