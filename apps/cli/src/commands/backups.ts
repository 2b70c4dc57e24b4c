import type { Backup } from "@waybill/client";
import { backupNameSchema } from "@waybill/events";
import { type Command, UsageError } from "@waybill/options";
import { adminCommand } from "../admin-command.ts";
import { isoTime } from "../time-text.ts";
import { bytesText, countText } from "../units-text.ts";

const columns = ["name", "state", "started", "events", "size", "seconds"] as const;

const rowOf = ({ name, state, startedAtMs, events, bytes, seconds }: Backup) => ({
  name,
  state,
  started: isoTime(startedAtMs),
  events,
  size: bytesText(bytes),
  seconds,
});

const make = adminCommand(
  {
    name: "backup",
    summary: "Makes a backup while the hub runs, in the folder that its operator set (--backups), and waits for it.",
    positionals: { placeholder: "NAME", describe: "A word: lower-case letters, digits and -. Default: the time, such as 20261126-110412" },
    options: {},
    examples: [
      { with: "before-the-move", does: "a whole copy under that name" },
      { with: "ls", does: "those that there are" },
    ],
  },
  async ({ admin, out, words: [word] }) => {
    if (word !== undefined && !backupNameSchema.safeParse(word).success)
      throw new UsageError([
        `${JSON.stringify(word.slice(0, 80))} cannot be a backup's name: lower-case letters, digits and -, at most 63.`,
      ]);
    const isSeen = process.stderr.isTTY === true;
    const onProgress = ({ bytes, bytesExpected }: Backup): void => {
      const percent = Math.min(99, Math.floor((bytes / Math.max(1, bytesExpected)) * 100));
      if (isSeen) process.stderr.write(`\r${percent} % of about ${bytesText(bytesExpected)} `);
    };
    try {
      const backup = await admin.makeBackup({ ...(word === undefined ? {} : { name: word }), onProgress });
      if (isSeen) process.stderr.write("\r\u001b[K");
      const { name, path, events, bytes, seconds, storageId } = backup;
      await out.say(`Backup ${name} is whole: ${countText(events ?? 0)} events, ${bytesText(bytes)} in ${seconds} s.`, backup);
      await out.facts([
        ["Path", path],
        ["Storage", storageId],
        ["To use it", `stop the hub, then npm run waybill -- restore ${path} NEW-FOLDER`],
      ]);
    } catch (error) {
      if (isSeen) process.stderr.write("\r\u001b[K");
      throw error;
    }
  },
);

const list = adminCommand(
  {
    name: "backup ls",
    summary: "Lists the hub's backups, the latest first.",
    options: {},
    examples: [{ with: "", does: "where they lie, and how old they are" }],
  },
  async ({ admin, out }) => {
    const { folder, backups } = await admin.backups();
    if (out.json) for (const backup of backups) await out.say("", backup);
    else if (backups.length === 0) await out.say(`There is no backup in ${folder}.`, {});
    else {
      await out.rows(columns, backups.map(rowOf));
      await out.say(`\nThey lie in ${folder}.`, {});
    }
  },
);

/** `backup`, `backup ls`. */
export const backupCommands: Record<string, Command> = { backup: make, "backup ls": list };
