import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
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

/** Each was a violation in shipped code, found by a seed, made short, and kept as its plan; it was red before the code was mended. */
test.each(readdirSync(found))("found once, clean since: %s", { timeout: longMs }, async (name) => {
  const { code, stderr } = await runSim("--plan", `${found}${name}`);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
