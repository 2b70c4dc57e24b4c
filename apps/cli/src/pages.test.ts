import { expect, test } from "vitest";
import { pages } from "./pages.ts";

const walk = async (stored: string[], size: number) => {
  const asked: (string | undefined)[] = [];
  const ask = async (after: string | undefined) => {
    asked.push(after);
    const from = after === undefined ? 0 : stored.indexOf(after) + 1;
    return { ids: stored.slice(from, from + size), more: from + size < stored.length };
  };
  const ids: string[] = [];
  for await (const page of pages(ask, ({ ids }) => ids.at(-1))) ids.push(...page.ids);
  return { ids, asked };
};

test("all pages, each asked for by the last id of the one before", async () => {
  expect(await walk(["a", "b", "c", "d", "e"], 2)).toEqual({ ids: ["a", "b", "c", "d", "e"], asked: [undefined, "b", "d"] });
});

test("one page, or none", async () => {
  expect(await walk(["a"], 2)).toEqual({ ids: ["a"], asked: [undefined] });
  expect(await walk([], 2)).toEqual({ ids: [], asked: [undefined] });
});

test("a hub that says `more` and gives nothing new does not keep it for ever", async () => {
  const seen: string[] = [];
  for await (const { ids } of pages(
    async () => ({ ids: ["a"], more: true }),
    ({ ids }) => ids.at(-1),
  ))
    seen.push(...ids);
  expect(seen).toEqual(["a", "a"]);
});
