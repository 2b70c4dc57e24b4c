import { readFileSync } from "node:fs";
import { toMarkdown } from "@waybill/options";
import { expect, test } from "vitest";
import { hubOptions } from "../src/options.ts";
import { tokenOptions } from "../src/token-options.ts";

const config = readFileSync(new URL("../../../docs/config.md", import.meta.url), "utf8");

test.each([hubOptions, tokenOptions])("docs/config.md has the options of $name as they are", (definition) => {
  expect(config).toContain(toMarkdown(definition));
});
