/** A harness that fails must say why, and leave nothing behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../bin/chaos.js", import.meta.url));

/** Processes with this in their command line. */
function pidsOf(word: string): number[] {
  return globSync("/proc/[0-9]*/cmdline").flatMap((file) => {
    try {
      return readFileSync(file, "utf8").includes(word) ? [Number(file.split("/")[2])] : [];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

test("a client process that ends by itself ends the run: the verdict says which, and nothing is left running", async ({
  onTestFinished,
}) => {
  const dir = join(mkdtempSync(join(tmpdir(), "waybill-failing-run-")), "run");
  onTestFinished(() => rmSync(join(dir, ".."), { recursive: true, force: true }));
  const child = spawn(process.execPath, [script, "--seconds", "60", "--faults", "F7", "--keep", dir], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const said = Promise.all([text(child.stdout), text(child.stderr)]);

  let victim: number | undefined;
  while (victim === undefined && child.exitCode === null) {
    await sleep(20);
    [victim] = pidsOf(join(dir, "vendor-0/config.json"));
  }
  process.kill(victim ?? 0, "SIGTERM");

  expect((await ended)[0]).toBe(1);
  const [stdout, stderr] = await said;
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ ok: false, seed: 1, error: "vendor-0 ended (SIGTERM)." });
  expect(stderr).toContain("vendor-0 ended (SIGTERM).");
  expect(pidsOf(dir)).toEqual([]);
});
