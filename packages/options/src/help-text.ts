import { defaultText, flagText } from "./default-text.ts";
import type { OptionsDefinition } from "./define-options.ts";
import { expects } from "./expects.ts";
import type { OptionField } from "./option-field.ts";
import { columns, wrap } from "./wrap.ts";

const widthMax = 96;

/** What `--help` prints: at most 96 columns, ends with a newline. */
export function helpText(definition: OptionsDefinition): string {
  const { positionals, examples = [] } = definition;
  const sections = [
    wrap(definition.summary, widthMax).join("\n"),
    `Usage: ${usageLine(definition)}`,
    positionals === undefined ? "" : section("Arguments", [[positionals.placeholder, positionals.describe]]),
    section("Options", [
      ...definition.fields.map((field): [string, string] => [flagText(field), optionText(field)]),
      ["-h, --help", "Print this help."],
      ["--version", "Print the version."],
    ]),
    examples.length === 0
      ? ""
      : section(
          "Examples",
          examples.map(({ command, does }) => [command, does]),
        ),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

export function usageLine({ usage, positionals }: OptionsDefinition): string {
  if (positionals === undefined) return `${usage} [options]`;
  const { placeholder, min = 0, max = 1 } = positionals;
  const many = max > placeholder.split(" ").length ? "…" : "";
  return `${usage} [options] ${min > 0 ? placeholder + many : `[${placeholder}${many}]`}`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  return [`${title}:`, ...columns(rows, widthMax)].join("\n");
}

function optionText(field: OptionField): string {
  const wanted = field.isBoolean ? "" : expects(field);
  const usual = defaultText(field);
  const notes = [
    // A flag whose placeholder spells its choices out needs no second list of them.
    wanted === "" || field.placeholder.includes("|") ? "" : wanted,
    field.isRepeatable ? "repeatable" : "",
    field.isRequired ? "required" : "",
    usual === "" || field.isBoolean ? "" : `default ${usual}`,
    field.env ?? "",
  ].filter((note) => note !== "");
  return notes.length === 0 ? field.describe : `${field.describe} (${notes.join("; ")})`;
}
