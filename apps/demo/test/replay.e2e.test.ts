import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSupervisor, type JsonLine } from "@waybill/testkit";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../bin/replay.js", import.meta.url));

/** Runs it to its end; the last JSON line is the verdict. */
async function replay(...args: string[]) {
  await using supervisor = createSupervisor();
  const ended = Promise.withResolvers<number | null>();
  const lines: JsonLine[] = [];
  const errors: string[] = [];
  supervisor.start({
    name: "replay",
    script,
    args: ["--drivers", "2", "--vendors", "2", ...args],
    onLine: (line) => lines.push(line),
    onText: (text) => errors.push(text),
    onCrash: ({ code }) => ended.resolve(code),
  });
  return { code: await ended.promise, verdict: lines.at(-1) ?? {}, errors: errors.join("\n") };
}

// The two days go on beside each other: much of them is waiting.
test.concurrent("a made-up day with kills of hub, driver and vendor: nothing lost, nothing out of order", async () => {
  const { code, verdict, errors } = await replay("--stores", "4", "--kill", "--kills", "2", "--seed", "3");
  expect(errors).toBe("");
  expect(verdict).toMatchObject({ ok: true, lost: 0, misordered: 0, heldTwice: 0, appliedTwice: 0, invented: 0, kills: 6, seed: 3 });
  expect(verdict.handled).toBe(verdict.published);
  expect(code).toBe(0);
});

test.concurrent("the control: a hub that forgets is found out, and the run's files are kept", async () => {
  const dir = join(mkdtempSync(join(tmpdir(), "waybill-replay-test-")), "run");
  const { code, verdict, errors } = await replay(
    "--stores",
    "4",
    "--kill",
    "--kills",
    "2",
    "--storage",
    "memory",
    "--idle",
    "8s",
    "--dir",
    dir,
  );
  expect(verdict.ok).toBe(false);
  expect(Number(verdict.lost)).toBeGreaterThan(0);
  expect(errors).toContain("was confirmed");
  expect(code).toBe(1);
  expect(existsSync(join(dir, "vendor-0", "effects.jsonl"))).toBe(true);
  rmSync(join(dir, ".."), { recursive: true });
});

test("a file that is not there, or not orders, is refused before anything starts", async () => {
  expect(await replay("/nowhere/orders.csv")).toMatchObject({ code: 1, errors: expect.stringContaining("ENOENT") });
  expect(await replay(script)).toMatchObject({ code: 2, errors: expect.stringContaining("does not name parcel_id") });
});
