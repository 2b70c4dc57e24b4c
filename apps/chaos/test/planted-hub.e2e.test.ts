/** A hub with a planted bug is the shipped one in all else: also when its sources come to import more. */
import { fileURLToPath } from "node:url";
import { startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { bugNames, bugOf } from "../src/bugs/catalogue.ts";

const script = fileURLToPath(new URL("../src/bugs/hub-with-bug.ts", import.meta.url));
const onePerPlace = [...new Map(bugNames.map((name) => [bugOf(name)?.place, name])).values()];
const hubBugs = onePerPlace.filter((name) => !["flags", "outbox"].includes(bugOf(name)?.place ?? ""));

test.for(hubBugs)("%s: the hub starts", async (name) => {
  await using hub = await startHub({ script, env: { ...process.env, WAYBILL_CHAOS_BUG: name } });
  expect(hub.program.running).toBe(true);
});
