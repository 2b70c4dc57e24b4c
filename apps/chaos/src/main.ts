import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { faultsOf } from "./bugs/catalogue.ts";
import { runBugs } from "./bugs/run-bugs.ts";
import { whyNoPython } from "./crew/python.ts";
import { findFaketime } from "./faults/clock-file.ts";
import { whyNoDiskErrors } from "./faults/disk-error.ts";
import { isUnshared, runUnshared, whyNoSmallDisk } from "./faults/small-disk.ts";
import { type ChaosFlags, chaosOptions } from "./options.ts";
import { allFaultKinds, type FaultKind, faultKindOf } from "./plan/fault-kinds.ts";
import { type ChaosOptions, runChaos } from "./run-chaos.ts";
import { installStrangers } from "./strangers/packages.ts";
import { describeRun, summaryOf } from "./verdict.ts";

await runMain(
  command(chaosOptions, async ({ options, signal }) => {
    const wanted = kindsOf(options);
    const missing = new Map(wanted.map((kind) => [kind, whyNot(kind)]));
    const kinds = wanted.filter((kind) => missing.get(kind) === null);
    // A disk of its own is mounted where nobody else sees it.
    if (kinds.includes("disk-full") && options.bug === undefined && !isUnshared()) return runUnshared();

    if (options.oldClients) await installStrangers((text) => void process.stderr.write(text));
    const noPython = whyNoPython();
    const leftOut = [...missing, ["the client in Python", noPython] as const].flatMap(([what, why]) =>
      why === null ? [] : [`${what}: ${why}`],
    );
    const dir = folderOf(options);
    const common = { ...options, dir, kinds, hasPython: noPython === null, leftOut, keeps: options.keep !== undefined, signal };
    const isClean = options.bug === undefined ? await judgeOne({ ...common, bug: null }) : await runBugs(common, options.bug);
    if (options.keep === undefined && isClean) rmSync(dir, { recursive: true, force: true });
    else process.stderr.write(`The run's files: ${dir}\n`);
    return isClean ? exitCodes.ok : exitCodes.failed;
  }),
);

/** A run that could not be judged has a last line too: why. */
async function judgeOne(options: ChaosOptions): Promise<boolean> {
  const run = await runChaos(options).catch((error: unknown) => {
    const { seed, seconds } = options;
    process.stdout.write(
      `${JSON.stringify({ ok: false, seed, seconds, error: error instanceof Error ? error.message : String(error) })}\n`,
    );
    throw error;
  });
  process.stderr.write(describeRun(run));
  process.stdout.write(`${JSON.stringify(summaryOf(run))}\n`);
  return run.judgement.findings.isClean();
}

/** With a bug: those by which it shows, unless others are asked for. */
function kindsOf({ faults, bug }: ChaosFlags): readonly FaultKind[] {
  if (faults === "none") return [];
  if (faults === "all") return bug === undefined || bug === "all" ? allFaultKinds : faultsOf(bug);
  return faults.split(",").map((word) => {
    const kind = faultKindOf(word.trim());
    if (kind === null) throw new UsageError([`--faults: there is no ${word}; there are ${allFaultKinds.join(", ")}.`], "");
    return kind;
  });
}

/** What is missing here for this fault; `null`: nothing. */
function whyNot(kind: FaultKind): string | null {
  switch (kind) {
    case "disk-full":
      return whyNoSmallDisk() ?? whyNoDiskErrors();
    case "disk-error":
      return whyNoDiskErrors();
    case "clock":
      return findFaketime() === null ? "needs libfaketime (package faketime)" : null;
    default:
      return null;
  }
}

/** What another run left would be read as this one's. */
function folderOf({ keep }: ChaosFlags): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), "waybill-chaos-"));
  mkdirSync(keep, { recursive: true });
  if (readdirSync(keep).length > 0) throw new UsageError([`--keep: ${keep} is not empty; name a new folder for each run.`], "");
  return keep;
}
