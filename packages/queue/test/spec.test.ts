import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const here = import.meta.dirname;
const idsIn = (text: string): string[] => [...text.matchAll(/\[([A-Z]\d+)\]/g)].map(([, id]) => id ?? "");

const rules = idsIn(readFileSync(`${here}/../SPEC.md`, "utf8").replaceAll(/^(?!- \[).*$/gm, "")).sort();
const files = readdirSync(here).filter((name) => name.endsWith(".test.ts") && name !== "spec.test.ts");
const titles = files.flatMap((name) =>
  [...readFileSync(`${here}/${name}`, "utf8").matchAll(/(?:test|test\.each\([^)]*\)|name:)\s*\(?\s*"(\[[^"]*)"/g)].map(
    ([, title]) => title ?? "",
  ),
);
const cited = new Set(titles.flatMap(idsIn));

test("rule ids are given once", () => {
  expect(rules.length).toBeGreaterThan(50);
  expect(new Set(rules).size).toBe(rules.length);
});

test("every rule has a test that quotes it", () => {
  expect([...new Set(rules)].filter((id) => !cited.has(id))).toEqual([]);
});

test("every test cites a rule that exists", () => {
  expect([...cited].filter((id) => !rules.includes(id))).toEqual([]);
  const uncited = files.flatMap((name) =>
    [...readFileSync(`${here}/${name}`, "utf8").matchAll(/^ *test(?:\.each\(.*?\))?\(\s*[`"]([^`"]*)/gm)]
      .map(([, title]) => title ?? "")
      .filter((title) => !/^(\[|\$name)/.test(title)),
  );
  expect(uncited).toEqual([]);
});
