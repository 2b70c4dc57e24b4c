/** What is exhausted must really be: a fault that does nothing would prove nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningHub, startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { exhaust } from "../src/faults/exhaust.ts";
import type { WorkerConfig } from "../src/workers/worker-config.ts";

const beforeHub = new URL("../src/faults/before-hub.ts", import.meta.url).href;

async function withHub(check: (hub: RunningHub, parts: Omit<Parameters<typeof exhaust>[1], "lastsMs">) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "waybill-exhaust-"));
  const stallFile = join(dir, "stall-ms");
  try {
    await using hub = await startHub({ nodeArgs: ["--import", beforeHub], env: { ...process.env, WAYBILL_CHAOS_STALL: stallFile } });
    const vendor = { vendors: [] as WorkerConfig["vendors"] } as WorkerConfig;
    await check(hub, { hub, stallFile, vendor });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** On a connection of its own. */
const isAnswered = (hub: RunningHub): Promise<boolean> =>
  fetch(`${hub.url}/metrics`, { headers: { connection: "close" }, signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function untilAnswered(hub: RunningHub): Promise<void> {
  while (!(await isAnswered(hub))) await sleep(20);
}

test.for(["stall", "few-files"])("%s: the hub answers nobody new meanwhile, and everybody afterwards", async (what) => {
  await withHub(async (hub, parts) => {
    await untilAnswered(hub);
    const over = exhaust(what, { ...parts, lastsMs: 4_000 });
    while (await isAnswered(hub)) await sleep(20); // Never ends if nothing is exhausted.
    await over;
    await untilAnswered(hub);
    expect(hub.program.running).toBe(true);
  });
});
