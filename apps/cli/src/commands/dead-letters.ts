import type { DeadLetterDetail, LettersDone } from "@waybill/client";
import { type Command, exitCodes, UsageError } from "@waybill/options";
import { z } from "zod";
import { inBatches } from "../in-batches.ts";
import type { Output } from "../output.ts";
import { subscriptionCommand } from "../subscription-command.ts";
import { parseOffset } from "../subscription-word.ts";

const columns = ["offset", "parcel", "type", "buried", "attempts", "redrive", "reason"] as const;
const iso = (ms: number): string => new Date(ms).toISOString();

const filter = {
  parcel: z.string().optional().describe("Those of this parcel.").meta({ placeholder: "PARCEL" }),
  type: z.string().optional().describe("Those of this event type.").meta({ placeholder: "TYPE" }),
};
const selection = {
  ...filter,
  offset: z.array(z.int().min(1)).max(500).optional().describe("The one at this offset.").meta({ placeholder: "OFFSET" }),
  all: z.boolean().default(false).describe("All of them."),
  dryRun: z.boolean().default(false).describe("Only say which they are."),
};

const list = subscriptionCommand(
  {
    name: "dead ls",
    examples: [{ with: "store/acme-widgets --type pickup", does: "those of one type" }],
    summary: "Lists the dead letters: events that were put aside after their attempts.",
    options: filter,
  },
  async ({ admin, out, of, options }) => {
    for await (const batch of inBatches(admin.deadLetters(of, filterOf(options)))) {
      if (out.json) for (const letter of batch) await out.say("", letter);
      else
        await out.rows(
          columns,
          batch.map((letter) => ({ ...letter, buried: iso(letter.buriedAtMs) })),
        );
    }
  },
);

const show = subscriptionCommand(
  {
    name: "dead show",
    examples: [{ with: "store/acme-widgets 17", does: "with every attempt" }],
    summary: "Shows a dead letter: its event, every attempt, and where it stands in the order of its parcel.",
    more: [{ placeholder: "OFFSET", describe: "where it lies in the queue" }],
    options: {},
  },
  async ({ admin, out, of, rest: [offset = ""] }) => {
    const letter = await admin.deadLetter(of, parseOffset(offset));
    if (out.json) return out.say("", letter);
    await showLetter(out, letter);
  },
);

async function showLetter(out: Output, letter: DeadLetterDetail): Promise<void> {
  const { offset, type, parcel, buriedAtMs, redrive, redriving, order, notes } = letter;
  const again = redriving ? "; it is being sent again now" : redrive > 0 ? `; it was sent again ${redrive} times` : "";
  await out.say(`${type} of parcel ${parcel} at offset ${offset}, a dead letter since ${iso(buriedAtMs)}${again}.\n`, {});
  await out.rows(
    ["at", "by", "kind", "reason"],
    notes.map(({ atMs, by, kind, reason }) => ({ at: iso(atMs), by, kind, reason })),
  );
  const name = (event: { offset: number; type: string; settled: boolean }) =>
    `${event.offset} ${event.type}${event.settled ? "" : " (not settled)"}`;
  const told = (events: DeadLetterDetail["order"]["before"]) => events.map(name).join(", ") || "nothing near";
  await out.say(`\nBefore it: ${told(order.before)}. After it: ${told(order.after)}.\n\n${JSON.stringify(letter.event, null, 2)}`, {});
}

const redrive = subscriptionCommand(
  {
    name: "dead redrive",
    examples: [{ with: "store/acme-widgets --all --per-second 20", does: "all of them, gently" }],
    summary: "Sends dead letters again: late, beside the order of their parcels. Each stays a dead letter until it is handled.",
    options: {
      ...selection,
      perSecond: z.number().positive().max(5_000).optional().describe("At most so many a second.").meta({ placeholder: "N" }),
    },
  },
  async ({ admin, out, of, options }) => {
    const { perSecond, dryRun } = options;
    const letters = { ...of, which: whichOf(options), dryRun };
    const done = await counted(admin.redrive(perSecond === undefined ? letters : { ...letters, perSecond }));
    const { offsets, busy } = done;
    await out.say(`Dead letters ${dryRun ? "that would be sent again" : "sent again"}: ${offsets.length}${alreadyBusy(busy)}.`, {
      ...done,
      dryRun,
    });
  },
);

const discard = subscriptionCommand(
  {
    name: "dead discard",
    examples: [{ with: 'store/acme-widgets --offset 17 --reason "a test"', does: "one, for good" }],
    summary: "Deletes dead letters for good.",
    options: {
      ...selection,
      reason: z.string().min(1).max(512).describe("Why; it is kept in the audit log.").meta({ placeholder: "TEXT" }),
    },
  },
  async ({ admin, out, of, options }) => {
    const { reason, dryRun } = options;
    const done = await counted(admin.discard({ ...of, which: whichOf(options), reason, dryRun }));
    const { offsets, busy } = done;
    await out.say(`Dead letters ${dryRun ? "that would be deleted" : "deleted"}: ${offsets.length}${alreadyBusy(busy)}.`, {
      ...done,
      dryRun,
    });
    return busy.length > 0 ? exitCodes.failed : exitCodes.ok;
  },
);

type Options = { parcel?: string | undefined; type?: string | undefined; offset?: number[] | undefined; all: boolean };

const filterOf = ({ parcel, type }: Pick<Options, "parcel" | "type">) => ({
  ...(parcel === undefined ? {} : { parcel }),
  ...(type === undefined ? {} : { type }),
});

/** Nobody means all of them by saying nothing. */
function whichOf({ offset, all, ...options }: Options) {
  const filter = filterOf(options);
  const isFiltered = Object.keys(filter).length > 0;
  if ([offset !== undefined, isFiltered, all].filter(Boolean).length !== 1)
    throw new UsageError(["Say which dead letters: --offset N (repeatable), or --parcel and --type, or --all."]);
  return offset === undefined ? filter : { offsets: offset };
}

async function counted(pages: AsyncIterable<LettersDone>): Promise<{ offsets: number[]; busy: number[] }> {
  const offsets: number[] = [];
  const busy: number[] = [];
  for await (const page of pages) {
    offsets.push(...page.offsets);
    busy.push(...page.busy);
  }
  return { offsets, busy };
}

const alreadyBusy = (busy: readonly number[]): string => (busy.length > 0 ? `; being sent again already: ${busy.length}` : "");

/** `dead ls`, `dead show`, `dead redrive`, `dead discard`. */
export const deadLetterCommands: Record<string, Command> = {
  "dead ls": list,
  "dead show": show,
  "dead redrive": redrive,
  "dead discard": discard,
};
