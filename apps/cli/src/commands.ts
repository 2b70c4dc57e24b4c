import type { Command } from "@waybill/options";
import { jobCommands } from "./commands/jobs.ts";
import { nameCommands } from "./commands/names.ts";

/** All commands by their words, as help lists them. A new one is a file in commands/ and a line here. */
export const waybillCommands: Record<string, Command> = {
  ...nameCommands("store"),
  ...nameCommands("driver"),
  ...nameCommands("zone"),
  ...jobCommands,
};
