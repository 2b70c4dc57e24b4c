import { command, defineOptions, exitCodes } from "@waybill/options";
import { z } from "zod";
import { connectDriver, sayConnection, sayNotices, whileWelcome } from "../connect.ts";
import { shared } from "../options.ts";
import { createOutput } from "../output.ts";
import { type LineResult, publishLines } from "../publish/publish-lines.ts";
import { afterSignal, readUntilStopped } from "../until-stopped.ts";

const definition = defineOptions({
  name: "driver publish",
  summary: "Publishes the events on standard input, one JSON object a line, and prints what became of each, in their order.",
  usage: "npm run driver -- publish",
  options: z
    .strictObject({
      url: shared.url,
      token: shared.token,
      outbox: shared.outbox,
      wait: z
        .enum(["stored", "processed"])
        .default("stored")
        .describe(
          "Until when a line waits: stored by the hub, or processed by its store. One that became a dead letter makes the exit code 1.",
        ),
      withinMs: z
        .int()
        .min(1)
        .optional()
        .describe("Do not wait longer for a confirm; the event is then reported as in the outbox. Needs --outbox.")
        .meta({ flag: "within", unit: "duration" }),
      drainMs: shared.drainMs,
      json: shared.json,
    })
    .refine((options) => options.withinMs === undefined || options.outbox !== undefined, {
      path: ["withinMs"],
      message: "without an outbox file, what is not confirmed is lost at the end; add --outbox FILE",
    }),
  examples: [
    {
      command: `echo '{"type":"delivered","store":"acme-widgets","parcel":"P-1"}' | npm run -s driver -- publish`,
      does: "One event. `id`, `at` (then: now) and `data` may be left out.",
    },
    {
      command: `echo '{"type":"message","store":"acme-widgets","parcel":"P-1","notBefore":"2026-05-01T09:00:00+02:00","data":{"text":"I come at ten."}}' | npm run -s driver -- publish`,
      does: "Stored at once, and shown to the store at nine.",
    },
  ],
});

/** Exit code 1 when a line was refused, became a dead letter, or was not known to be stored when the program was stopped. */
export const publish = command(definition, async ({ options, signal }) => {
  const out = createOutput(process.stdout, options.json);
  await using driver = connectDriver({ url: options.url, token: options.token, outbox: options.outbox });
  const notes = createOutput(process.stderr, out.json);
  sayNotices(driver, notes);
  sayConnection(driver, notes);
  const counts = await whileWelcome(
    driver,
    publishLines({
      source: readUntilStopped(process.stdin, signal),
      publisher: driver,
      onResult: (result) => out.say(describe(result), result),
      now: () => new Date().toISOString(),
      wait: options.wait,
      signal: afterSignal(signal, options.drainMs),
      ...(options.withinMs === undefined ? {} : { withinMs: options.withinMs }),
    }),
  );
  await driver.close({ drainMs: 0 });
  return counts.refused + counts.unknown + counts.dead > 0 ? exitCodes.failed : exitCodes.ok;
});

function describe(result: LineResult): string {
  const line = `line ${result.line}:`;
  switch (result.outcome) {
    case "stored":
      return `${line} stored, ${result.queue}#${result.offset}`;
    case "processed":
      return `${line} processed, ${result.queue}#${result.offset}`;
    case "dead":
      return `${line} a dead letter, ${result.queue}#${result.offset}`;
    case "duplicate":
      return `${line} duplicate${result.offset === 0 ? "" : `, ${result.queue}#${result.offset}`}`;
    case "outbox":
      return `${line} in the outbox`;
    case "unknown":
      return `${line} stopped before the hub answered`;
    case "refused": {
      const issues = (result.error.issues ?? []).map(({ path, message }) => `; ${path === "" ? "" : `${path}: `}${message}`);
      return `${line} refused, ${result.error.code}: ${result.error.message}${issues.join("")}`;
    }
  }
}
