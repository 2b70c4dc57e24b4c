import { type Command, command, defineOptions, exitCodes } from "@waybill/options";
import { z } from "zod";
import { createOutput, type Output } from "../output.ts";
import { isoTime } from "../time-text.ts";
import { countText } from "../units-text.ts";

/**
 * Commands on the files of a hub that does not run: one that is held is refused (DATA_HELD). The storage is loaded by those alone that
 * need it: all others start a tenth sooner without.
 */
const options = z.strictObject({
  json: z.boolean().optional().describe("One JSON object. Default: on a terminal a report, elsewhere JSON."),
});
const outputOf = ({ json }: { json?: boolean | undefined }): Output =>
  createOutput({ json: json ?? process.stdout.isTTY !== true, stream: process.stdout });

const restore: Command = command(
  defineOptions({
    name: "waybill restore",
    summary:
      "Makes a data folder of a backup, as a storage of its own, while no hub runs on either. The backup is verified first, and not changed.",
    usage: "npm run waybill -- restore",
    positionals: {
      placeholder: "BACKUP DATA",
      describe: "The backup's folder; and the new data folder, which is empty or not there yet",
      min: 2,
      max: 2,
      path: true,
    },
    options,
    examples: [
      { command: "npm run waybill -- restore data/backups/20261126-110412 data-new", does: "then: npm run hub -- --data data-new" },
    ],
  }),
  async ({ options: { json }, positionals: [from = "", to = ""] }) => {
    const out = outputOf({ json });
    const { restoreFolder } = await import("@waybill/storage");
    const { storageId, epoch, backup } = restoreFolder({ from, to });
    const { counts, hubTimeMs } = backup;
    await out.say("Restored.", {
      from,
      to,
      storageId,
      epoch,
      events: counts.events,
      queues: counts.queues,
      hubTimeMs,
      was: backup.storageId,
    });
    await out.facts([
      ["Backup", `${from}, whole, storage ${backup.storageId ?? "not written yet"}`],
      ["Data folder", to],
      ["Storage", `${storageId}: another one than before`],
      ["Events", `${countText(counts.events)} in ${countText(counts.queues)} queues`],
      ["Hub time", hubTimeMs === null ? "not written yet" : isoTime(hubTimeMs)],
    ]);
    if (!out.json) await out.say("", {});
    await out.facts([
      ["Next", `copy hub.key from the old folder, or use its --key-file; then npm run hub -- --data ${to}`],
      ["Publishers", "are told what was confirmed after the backup and is gone (HUB_LOST), and send again what they still hold"],
      ["Consumers", "get again all that the backup had not settled"],
    ]);
  },
);

const verify: Command = command(
  defineOptions({
    name: "waybill verify",
    summary: "Reads a data folder or a backup offline, without changing it, and says whether it is whole. The same as npm run verify.",
    usage: "npm run waybill -- verify",
    positionals: { placeholder: "DATA", describe: "The folder; no hub may hold it", min: 1, path: true },
    options,
    examples: [{ command: "npm run waybill -- verify data/backups/20261126-110412", does: "is all of it there, and as it was written?" }],
  }),
  async ({ options: { json }, positionals: [path = ""] }) => {
    const { describeReport, verifyFolder } = await import("@waybill/storage");
    const report = verifyFolder(path);
    const isWhole = report.findingsCount === 0;
    await outputOf({ json }).say(describeReport(path, report).trimEnd(), { ok: isWhole, ...report });
    return isWhole ? exitCodes.ok : exitCodes.failed;
  },
);

/** `restore`, `verify`. */
export const folderCommands: Record<string, Command> = { restore, verify };
