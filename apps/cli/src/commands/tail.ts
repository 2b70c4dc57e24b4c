import { Tail } from "@waybill/client";
import { limits } from "@waybill/events";
import { type Command, command, defineOptions, UsageError } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "../admin-options.ts";
import { createOutput } from "../output.ts";
import { stayConnected } from "../stay-connected.ts";
import { parseQueue } from "../subscription-word.ts";
import { createTailLines } from "../tail-line.ts";

const usage = "npm run waybill -- tail";

const tail: Command = command(
  defineOptions({
    name: "waybill tail",
    summary: "Prints events as they are stored, until Ctrl-C. It goes on over restarts of the hub, and misses none. It settles nothing.",
    usage,
    positionals: { placeholder: "QUEUE", describe: "Queues: store/ID, driver/ID or zone/ID", max: limits.grownQueuesMax },
    options: z.strictObject({
      all: z.boolean().default(false).describe("Of all queues, also of those that are new."),
      from: z
        .int()
        .min(1)
        .optional()
        .describe("Begin at this offset of each queue. Default: with what is new.")
        .meta({ placeholder: "OFFSET" }),
      ...adminOptions,
    }),
    examples: [
      { command: `${usage} store/acme-widgets`, does: "one store's events as they come" },
      { command: `${usage} --all --json | jq .type`, does: "all events, for a program" },
    ],
  }),
  async ({ options, positionals, signal }) => {
    if (options.all === positionals.length > 0) throw new UsageError(["Write the queues to watch, or --all."]);
    const { from } = options;
    const lasting = new Tail({ ...(options.all ? {} : { queues: positionals.map(parseQueue) }), ...(from === undefined ? {} : { from }) });
    const out = createOutput({ json: options.json ?? process.stdout.isTTY !== true, stream: process.stdout });
    const lineOf = createTailLines();
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    await stayConnected({ options, signal, tell }, async (admin) => {
      for await (const event of admin.tail(lasting)) await out.say(lineOf(event, process.stdout.columns), event);
    });
  },
);

/** `tail`. */
export const tailCommands: Record<string, Command> = { tail };
