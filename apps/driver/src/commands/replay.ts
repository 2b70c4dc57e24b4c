import { command, defineOptions, exitCodes } from "@waybill/options";
import { z } from "zod";
import { connectDriver, sayConnection, sayNotices, whileWelcome } from "../connect.ts";
import { shared } from "../options.ts";
import { createOutput } from "../output.ts";
import { byTime } from "../replay/by-time.ts";
import { utcOffsetShape } from "../replay/local-time.ts";
import { openFile } from "../replay/open-file.ts";
import { pace } from "../replay/pace.ts";
import { createProgress } from "../replay/progress.ts";
import { type BadRow, readRows } from "../replay/read-rows.ts";
import { replayEvents } from "../replay/replay-events.ts";
import { afterSignal } from "../until-stopped.ts";

const definition = defineOptions({
  name: "driver replay",
  summary:
    "Publishes what the drivers did in a CSV file of real orders, plain or gzip: each pickup, in-transit and delivered, in its time.",
  usage: "npm run driver -- replay",
  positionals: { placeholder: "FILE", describe: "The file; docs/replay.md gives its columns.", min: 1, path: true },
  options: z.strictObject({
    url: shared.url,
    token: shared.token,
    outbox: shared.outbox,
    speed: z
      .union([z.literal("max"), z.number().positive()])
      .default("max")
      .describe("How many times faster than it happened; max: as fast as the hub confirms."),
    utcOffset: z
      .string()
      .regex(utcOffsetShape, "it takes an offset such as -03:00")
      .default("-03:00")
      .describe("The zone of times that name none.")
      .meta({ placeholder: "OFFSET" }),
    drainMs: shared.drainMs,
    json: shared.json,
  }),
  examples: [{ command: "npm run driver -- replay orders.csv.gz --speed 86400", does: "A day of the file in a second." }],
});

/** Exit code 1 when a row was bad, an event was refused, or a stop left some unconfirmed. */
export const replay = command(definition, async ({ options, positionals: [path = ""], signal }) => {
  const out = createOutput(process.stdout, options.json);
  const trouble = out.json ? out : createOutput(process.stderr, false);
  const progress = createProgress(process.stdout, out);
  const file = await openFile(path);
  await using driver = connectDriver({ url: options.url, token: options.token, outbox: options.outbox });
  sayNotices(driver, trouble);
  sayConnection(driver, trouble);
  let badRows = 0;
  const onBadRow = ({ line, reason }: BadRow): void => {
    badRows += 1;
    void trouble.say(`line ${line}: ${reason}`, { what: "bad-row", line, reason });
  };
  const startedMs = performance.now();
  const counts = await whileWelcome(
    driver,
    replayEvents({
      events: pace(byTime(readRows(file, { utcOffset: options.utcOffset, onBadRow })), { speed: options.speed, signal }),
      publisher: driver,
      signal: afterSignal(signal, options.drainMs),
      onProgress: progress.show,
      onRefused: ({ event, error }) =>
        void trouble.say(`${event.type} ${event.parcel} was refused, ${error.code}: ${error.message}`, { what: "refused", event, error }),
    }),
  ).finally(progress.end);
  await driver.close({ drainMs: 0 });
  const seconds = Number(((performance.now() - startedMs) / 1_000).toFixed(1));
  await out.say(
    `${counts.published} published in ${seconds} s: ${counts.stored} stored, ${counts.duplicates} duplicates, ${counts.refused} refused, ` +
      `${counts.unknown} not confirmed; ${badRows} bad rows`,
    { what: "done", ...counts, badRows, seconds, stopped: signal.aborted },
  );
  return badRows + counts.refused + counts.unknown > 0 ? exitCodes.failed : exitCodes.ok;
});
