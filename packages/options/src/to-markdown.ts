import { defaultText, flagText } from "./default-text.ts";
import type { OptionsDefinition } from "./define-options.ts";
import { expects } from "./expects.ts";
import { usageLine } from "./help-text.ts";

/** The definition's section of docs/config.md: heading, summary, usage, one row per option. */
export function toMarkdown(definition: OptionsDefinition): string {
  const rows = definition.fields.map((field) => [
    code(flagText(field)),
    field.env === undefined ? "" : code(field.env),
    field.isRequired ? "required" : code(defaultText(field)),
    [field.describe, field.isBoolean ? "" : capital(expects(field)), field.isRepeatable ? "Repeatable." : ""]
      .filter((text) => text !== "")
      .join(" "),
  ]);
  const table = [["flag", "environment", "default", "meaning"], ["---", "---", "---", "---"], ...rows];
  const { positionals } = definition;
  return [
    `## ${definition.name}`,
    definition.summary,
    `    ${usageLine(definition)}`,
    ...(positionals === undefined ? [] : [`${code(positionals.placeholder)}: ${positionals.describe}`]),
    ...(rows.length === 0 ? [] : [table.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n")]),
  ]
    .join("\n\n")
    .concat("\n");
}

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);
const escapeCell = (text: string): string => text.replaceAll("|", "\\|");
const capital = (text: string): string => (text === "" ? "" : `Takes ${text}.`);
