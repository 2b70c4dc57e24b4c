import { helpText, parseOptions } from "@waybill/options";
import { expect, test } from "vitest";
import { waybillCommands } from "./commands.ts";

const commands = Object.entries(waybillCommands);

test.each(commands)("%s: its help says how it is written, and shows it", (words, { definition }) => {
  expect(definition.usage).toBe(`npm run waybill -- ${words}`);
  expect(definition.summary).toMatch(/\.$/);
  const examples = definition.examples ?? [];
  expect(examples.length).toBeGreaterThan(0);
  for (const { command } of examples) expect(command.startsWith(definition.usage)).toBe(true);
  expect(helpText(definition)).toContain("Examples:");
});

/** What stands behind the words, parsed as the program would: an example that is refused would be a lie. */
test.each(commands)("%s: its examples are taken", (_words, { definition }) => {
  for (const { command } of definition.examples ?? []) {
    const rest = command.slice(definition.usage.length).split("|")[0] ?? "";
    const argv = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
    expect(() => parseOptions(definition, argv, {})).not.toThrow();
  }
});
