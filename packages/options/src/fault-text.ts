import { z } from "zod";
import type { OptionsDefinition } from "./define-options.ts";
import { expects } from "./expects.ts";

const { localeError: plainMessage } = z.locales.en();

/** A text, and where the user wrote it. */
export type Found = { text: string; where: string };

/** What was found, where, why it is refused, what to do. */
export function faultText(definition: OptionsDefinition, found: ReadonlyMap<string, readonly Found[]>, issue: z.core.$ZodIssue): string {
  const field = definition.fields.find((field) => field.key === issue.path[0]);
  if (field === undefined) return issue.message;
  const texts = found.get(field.key) ?? [];
  const index = issue.path[1];
  const culprit = typeof index === "number" ? texts[index] : texts.at(-1);
  const byEnv = field.env === undefined ? "" : ` or set ${field.env}`;
  if (culprit === undefined) return `--${field.flag} is missing. Write --${field.flag} ${field.placeholder}${byEnv}.`;
  const shown = field.isSecret ? "its value" : JSON.stringify(culprit.text);
  const wanted = expects(field);
  const why = wanted === "" || isOwnMessage(issue) ? issue.message : `it takes ${wanted}`;
  return `${culprit.where}: ${shown} is refused, ${why}.`;
}

/** A message that the definition brings itself knows better than its schema does. */
function isOwnMessage(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" || issue.message !== plainMessage({ input: undefined, ...issue });
}

/** Too many arguments, or too few. */
export function positionalFaults({ positionals, usage }: OptionsDefinition, given: readonly string[]): string[] {
  const most = positionals === undefined ? 0 : (positionals.max ?? 1);
  const extra = given[most];
  if (extra !== undefined) return [`${JSON.stringify(extra)} is one argument too many. An option begins with two dashes.`];
  const least = positionals?.min ?? 0;
  return positionals !== undefined && given.length < least
    ? [`${positionals.placeholder} is missing. Write ${usage} ${positionals.placeholder}.`]
    : [];
}
