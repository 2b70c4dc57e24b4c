import type { z } from "zod";
import type { OptionsDefinition } from "./define-options.ts";
import { exitCodes } from "./exit-codes.ts";
import { nearest } from "./nearest.ts";
import { parseOptions } from "./parse-options.ts";
import type { MainInput } from "./run-main.ts";
import { UsageError } from "./usage-error.ts";
import { versionText } from "./version-text.ts";
import { columns, wrap } from "./wrap.ts";

export type CommandInput<S extends z.ZodObject> = MainInput & { options: z.output<S>; positionals: readonly string[] };

/** A definition with what it starts; call it as the main function of `runMain`. */
export type Command = ((input: MainInput) => Promise<number | undefined>) & { readonly definition: OptionsDefinition };

/** Joins a definition with its main function; answers `--help` and `--version` itself. */
export function command<S extends z.ZodObject>(
  definition: OptionsDefinition<S>,
  main: (input: CommandInput<S>) => Promise<number | undefined> | Promise<void>,
): Command {
  const start = async (input: MainInput): Promise<number | undefined> => {
    const parsed = parseOptions(definition, input.argv, input.env);
    if (parsed.asks === "run") return (await main({ ...input, options: parsed.options, positionals: parsed.positionals })) ?? exitCodes.ok;
    process.stdout.write(parsed.text);
    return exitCodes.ok;
  };
  return Object.assign(start, { definition });
}

export type CommandsInput = {
  name: string;
  summary: string;
  /** Up to the command: `npm run driver --`. */
  usage: string;
  /** By their words: `drive`, `queue ls`. */
  commands: Readonly<Record<string, Command>>;
};

/** A program of several commands; the longest words that match win. Call it as the main function of `runMain`. */
export function commands(program: CommandsInput): (input: MainInput) => Promise<number | undefined> {
  return async (input) => {
    const words = Object.keys(program.commands).sort((a, b) => b.split(" ").length - a.split(" ").length);
    const word = words.find((candidate) => candidate.split(" ").every((part, index) => input.argv[index] === part));
    const chosen = word === undefined ? undefined : program.commands[word];
    if (word !== undefined && chosen !== undefined) return chosen({ ...input, argv: input.argv.slice(word.split(" ").length) });
    return answerWithout(program, input.argv);
  };
}

function answerWithout(program: CommandsInput, argv: readonly string[]): number {
  const [first] = argv;
  if (first === "--version") process.stdout.write(versionText(program.name));
  else if (first === "-h" || first === "--help") process.stdout.write(commandsHelp(program));
  else throw new UsageError([withoutCommand(program, argv)], `All commands: ${program.usage} --help`);
  return exitCodes.ok;
}

function withoutCommand({ commands }: CommandsInput, argv: readonly string[]): string {
  const known = Object.keys(commands);
  const first = argv[0];
  if (first === undefined) return `A command is missing. Write one of: ${known.join(", ")}.`;
  const given = argv.filter((word) => !word.startsWith("-")).slice(0, 2);
  const meant = nearest(given.join(" "), known) ?? nearest(first, known);
  return `${JSON.stringify(first)} is no command here.${meant === undefined ? ` Write one of: ${known.join(", ")}.` : ` Did you mean ${meant}?`}`;
}

/** What `--help` prints before a command is named. */
export function commandsHelp(program: CommandsInput): string {
  const rows = Object.entries(program.commands).map(([word, { definition }]) => [word, definition.summary] as const);
  return [
    ...wrap(program.summary, 96),
    "",
    `Usage: ${program.usage} COMMAND [options]`,
    "",
    "Commands:",
    ...columns(rows, 96),
    "",
    `Options of a command: ${program.usage} COMMAND --help`,
    "",
  ].join("\n");
}
