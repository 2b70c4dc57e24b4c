import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repairNames } from "../src/bugs/catalogue.ts";
import { longMs, runSim } from "./run-sim.ts";

test("the same seeds do the same, however many processes share them", { timeout: longMs }, async () => {
  const [one, two] = await Promise.all([1, 2].map((workers) => runSim("--schedules", "20", "--seed", "7", "--workers", String(workers))));
  expect(one?.verdict.hash).toMatch(/^[0-9a-f]{1,8}$/);
  expect(two?.verdict.hash).toBe(one?.verdict.hash);
  const other = await runSim("--schedules", "20", "--seed", "8");
  expect(other.verdict.hash).not.toBe(one?.verdict.hash);
});

test("bad flags are refused with a word", { timeout: longMs }, async () => {
  expect(await runSim("--without", "1,x")).toMatchObject({ code: 2, stderr: expect.stringContaining('"x" is no step\'s number') });
  expect(await runSim("--bug", "unheard-of")).toMatchObject({ code: 2 });
});

const found = new URL("./found/", import.meta.url).pathname;
const kept = readdirSync(found).map((name) => {
  const { guards }: { guards?: string } = JSON.parse(readFileSync(`${found}${name}`, "utf8"));
  return { name, guards: guards ?? "nothing" };
});

test("each kept plan guards a repair, and each repair that can be taken back has its plan", () => {
  expect(kept.map(({ guards }) => guards).sort()).toEqual([...repairNames].sort());
});

/**
 * Each was a violation in shipped code, found by a seed, made short, and kept as its plan. A change of timing can move the moment at which
 * things met: then another seed gives its world other chances, and is looked for. Where none is found, the plan guards nothing any more.
 */
test.each(kept)("found once, clean since, and red without its repair: $name", { timeout: longMs }, async ({ name, guards }) => {
  const { code, stderr, verdict } = await runSim("--plan", `${found}${name}`, "--bug", guards);
  expect(stderr).toBe("");
  expect(verdict).toMatchObject({ ok: true, isClean: true });
  expect(code).toBe(0);
});
