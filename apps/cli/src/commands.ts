import type { Command } from "@waybill/options";
import { backupCommands } from "./commands/backups.ts";
import { deadLetterCommands } from "./commands/dead-letters.ts";
import { doctorCommands } from "./commands/doctor.ts";
import { eventCommands } from "./commands/events.ts";
import { folderCommands } from "./commands/folders.ts";
import { groupCommands } from "./commands/groups.ts";
import { jobCommands } from "./commands/jobs.ts";
import { keyCommands } from "./commands/keys.ts";
import { nameCommands } from "./commands/names.ts";
import { peopleCommands } from "./commands/people.ts";
import { queueCommands } from "./commands/queues.ts";
import { subscriptionCommands } from "./commands/subscriptions.ts";
import { tailCommands } from "./commands/tail.ts";
import { topCommands } from "./commands/top.ts";

/** All commands by their words, as help lists them. A new one is a file in commands/ and a line here. */
export const waybillCommands: Record<string, Command> = {
  ...nameCommands("store"),
  ...nameCommands("driver"),
  ...nameCommands("zone"),
  ...jobCommands,
  ...peopleCommands,
  ...queueCommands,
  ...subscriptionCommands,
  ...groupCommands,
  ...keyCommands,
  ...deadLetterCommands,
  ...eventCommands,
  ...backupCommands,
  ...folderCommands,
  ...doctorCommands,
  ...tailCommands,
  ...topCommands,
};
