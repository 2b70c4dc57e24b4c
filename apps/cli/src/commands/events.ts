import { queueSchema } from "@waybill/events";
import type { Command } from "@waybill/options";
import { explainSentence } from "../explain-sentence.ts";
import { subscriptionCommand } from "../subscription-command.ts";
import { parseOffset } from "../subscription-word.ts";

const offset = { placeholder: "OFFSET", describe: "where the event lies in the queue" };

const show = subscriptionCommand(
  {
    name: "event show",
    examples: [{ with: "store/acme-widgets 17", does: "with its data" }],
    summary: "Shows an event as it is stored.",
    more: [offset],
    options: {},
  },
  async ({ admin, out, of: { queue }, rest: [at = ""] }) => {
    const { stored, event, receipt } = await admin.event(queue, parseOffset(at));
    if (out.json) return out.say("", { ...stored, event, receipt });
    const { parcel, type, producer, number, recordedAtMs, homeOffset } = stored;
    await out.rows(
      ["offset", "type", "parcel", "recorded", "producer", "number", "home", "main"],
      [
        {
          offset: stored.offset,
          type,
          parcel,
          recorded: new Date(recordedAtMs).toISOString(),
          producer,
          number,
          home: homeOffset,
          main: receipt ?? null,
        },
      ],
    );
    await out.say(`\n${JSON.stringify(event, null, 2)}`, {});
  },
);

const explain = subscriptionCommand(
  {
    name: "event explain",
    examples: [{ with: "store/acme-widgets 17", does: "what it waits for" }],
    summary: "Says why a subscription has not handled an event.",
    more: [offset],
    options: {
      home: queueSchema
        .optional()
        .describe("The offset is that of this home queue; the copy in the subscription's queue is looked for.")
        .meta({ placeholder: "QUEUE" }),
    },
  },
  async ({ admin, out, of, rest: [at = ""], options: { home } }) => {
    const explained = await admin.explain(of, parseOffset(at), home === undefined ? {} : { home });
    const { outcome: _outcome, ...record } = explained;
    const sentence = explainSentence(explained);
    await out.say(sentence, { ...record, sentence });
  },
);

/** `event show`, `event explain`. */
export const eventCommands: Record<string, Command> = { "event show": show, "event explain": explain };
