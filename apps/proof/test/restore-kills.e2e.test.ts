/** A restore that is killed at any of its steps leaves a whole folder, or none that anybody opens. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqliteStorage, restoreFolder, verifyFolder } from "@waybill/storage";
import { expect, onTestFinished, test } from "vitest";
import { deadlyCalls, pointsOf, spread } from "../src/crashpoints/points.ts";
import { runTraced } from "../src/strace/run-child.ts";
import { fixtureFormats, unpackFixture } from "../src/upgrade/fixtures.ts";
import { missing } from "./run-proof.ts";

const program = fileURLToPath(new URL("../src/workload/restore-child.ts", import.meta.url));
/** More of them, for longer: `WAYBILL_POINTS=1000`. */
const pointsMax = Number(process.env.WAYBILL_POINTS ?? 8);

/** What became of the target, and that it can be gone on with as its refusal says. */
async function outcomeOf(to: string, from: string): Promise<"whole" | "unfinished" | "nothing"> {
  const source = verifyFolder(from);
  if (existsSync(join(to, "waybill.db"))) {
    const { storageId, epoch, findings, counts } = verifyFolder(to);
    expect({ findings, counts: { ...counts, tailCommits: 0 } }).toEqual({ findings: [], counts: { ...source.counts, tailCommits: 0 } });
    expect(storageId).not.toBe(source.storageId);
    expect(epoch).toBeGreaterThan(source.epoch + 1_000_000);
    return "whole";
  }
  const again = (): unknown => restoreFolder({ from, to });
  if (!existsSync(join(to, "waybill.db.part"))) {
    again();
    expect(verifyFolder(to).findings).toEqual([]);
    return "nothing";
  }
  await expect(openSqliteStorage({ path: to })).rejects.toMatchObject({ code: "DATA_UNFINISHED" });
  expect(again).toThrow(expect.objectContaining({ code: "DATA_UNFINISHED" }));
  rmSync(to, { recursive: true });
  again();
  return "unfinished";
}

test.skipIf(missing !== null)("killed at its n-th write, sync or rename", { timeout: 3_600_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "waybill-restore-kills-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const from = join(root, "backup");
  unpackFixture(fixtureFormats.at(-1) ?? 1, { folder: from, history: join(root, "history") });
  const run = (name: string) => ({ script: "restore", folder: join(root, name), history: from, compiled: join(root, "compiled"), program });
  const log = join(root, "dry.strace");
  const count = ["-o", log, "-e", `trace=${deadlyCalls.join(",")}`, "-e", "signal=none", "-s", "0"];
  await runTraced(count, run("warm"));
  expect(await runTraced(count, run("dry"))).toMatchObject({ code: 0 });
  const points = pointsOf("open", readFileSync(log, "utf8"));
  const seen: Record<string, number> = { whole: 0, unfinished: 0, nothing: 0 };
  for (const { call, n } of spread(points, pointsMax, 0.5)) {
    const to = join(root, `${call}-${n}`);
    const end = await runTraced(
      ["-o", `${to}.strace`, "-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${n}`, "-s", "0"],
      run(`${call}-${n}`),
    );
    // What the runtime itself writes differs by a call or two from run to run: a point behind the end is not reached.
    const isReached = end.signal === "SIGKILL";
    if (!isReached) expect(end).toMatchObject({ code: 0 });
    const outcome = await outcomeOf(to, from);
    if (isReached) seen[outcome] = (seen[outcome] ?? 0) + 1;
    else expect(outcome).toBe("whole");
  }
  process.stdout.write(`killed at some of ${points.length} points: ${JSON.stringify(seen)}\n`);
  expect(seen.unfinished).toBeGreaterThan(0);
});
