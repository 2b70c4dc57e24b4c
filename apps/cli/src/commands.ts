import type { Command } from "@waybill/options";
import { deadLetterCommands } from "./commands/dead-letters.ts";
import { eventCommands } from "./commands/events.ts";
import { jobCommands } from "./commands/jobs.ts";
import { keyCommands } from "./commands/keys.ts";
import { nameCommands } from "./commands/names.ts";
import { subscriptionCommands } from "./commands/subscriptions.ts";

/** All commands by their words, as help lists them. A new one is a file in commands/ and a line here. */
export const waybillCommands: Record<string, Command> = {
  ...nameCommands("store"),
  ...nameCommands("driver"),
  ...nameCommands("zone"),
  ...jobCommands,
  ...subscriptionCommands,
  ...keyCommands,
  ...deadLetterCommands,
  ...eventCommands,
};
