/**
 * Power cuts without a power switch: each script runs once, with its writes and syncs recorded; then its files are built
 * again as they may be after a cut at a moment drawn from the seed, opened by the shipped code, and judged by what had been
 * confirmed by that moment.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, exitCodes, runMain } from "@waybill/options";
import { type Chance, createChance } from "@waybill/testkit";
import { adviseOn } from "../advise.ts";
import { type Judged, judge } from "../judge/judge.ts";
import { judgeOutbox } from "../judge/judge-outbox.ts";
import { type ChildRun, missingStrace } from "../strace/run-child.ts";
import { decodeLines } from "../workload/operation.ts";
import { type Outcome, outcomesOf } from "./fates.ts";
import { powercutOptions, type Subject, subjects } from "./options.ts";
import { type Recording, record } from "./recording.ts";

const outcomesPerMoment = 4;
/** The threads of each opened storage find their code compiled. */
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");
const normalSync = new URL("./normal-sync.ts", import.meta.url).href;
const outboxChild = fileURLToPath(new URL("../workload/outbox-child.ts", import.meta.url));

/** The index of the log is made anew at each opening; locks die with their machine. */
const isData = (name: string): boolean => !name.endsWith("-shm") && !name.startsWith("lock.db") && !name.includes(".lock.");

await runMain(
  command(powercutOptions, async ({ options, signal }) => {
    const missing = missingStrace();
    if (missing !== null) {
      process.stderr.write(`powercut ${missing}\n`);
      return exitCodes.refused;
    }
    const root = mkdtempSync(join(tmpdir(), "waybill-powercut-"));
    const startedMs = performance.now();
    const chance = createChance(options.seed);
    const scripts = (options.script.length > 0 ? options.script : subjects).slice(0, options.cuts);
    const tally = { cuts: 0, moments: 0, confirmedEvents: 0, lost: 0, violations: 0 };
    try {
      for (const [i, subject] of scripts.entries()) {
        if (signal.aborted) break;
        const share = Math.floor(options.cuts / scripts.length) + (i < options.cuts % scripts.length ? 1 : 0);
        const ofSubject = await cutSubject({
          root,
          subject,
          cuts: share,
          chance: chance.split(subject),
          keep: options.keep,
          sync: options.synchronous,
          signal,
        });
        for (const key of ["cuts", "moments", "confirmedEvents", "lost", "violations"] as const) tally[key] += ofSubject[key];
        process.stdout.write(
          `${subject.padEnd(8)} ${ofSubject.cuts} cuts at ${ofSubject.moments} moments, ${ofSubject.violations} violations, ${ofSubject.lost} of them losses\n`,
        );
      }
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
      const ok = tally.violations === 0;
      process.stdout.write(`${JSON.stringify({ ok, seed: options.seed, synchronous: options.synchronous, ...tally, seconds })}\n`);
      return ok ? exitCodes.ok : exitCodes.failed;
    } finally {
      if (!options.keep) rmSync(root, { recursive: true, force: true });
    }
  }),
  { advise: adviseOn },
);

type CutInput = {
  root: string;
  subject: Subject;
  cuts: number;
  chance: Chance;
  keep: boolean;
  sync: "FULL" | "NORMAL";
  signal: AbortSignal;
};
type Tally = { cuts: number; moments: number; confirmedEvents: number; lost: number; violations: number };

async function cutSubject({ root, subject, cuts, chance, keep, sync, signal }: CutInput): Promise<Tally> {
  const folder = join(root, subject);
  const run: ChildRun = { script: subject, folder, history: `${folder}.history`, compiled: join(root, "compiled") };
  const nodeArgs = sync === "NORMAL" ? { nodeArgs: ["--import", normalSync] } : {};
  const program = subject === "outbox" ? { program: outboxChild } : {};
  const recording = await record({ ...run, ...nodeArgs, ...program }, isData);
  const tally: Tally = { cuts: 0, moments: 0, confirmedEvents: 0, lost: 0, violations: 0 };
  while (tally.cuts < cuts && !signal.aborted) {
    const at = momentOf(recording, chance);
    tally.moments += 1;
    const wanted = Math.min(outcomesPerMoment, cuts - tally.cuts);
    for (const outcome of outcomesOf(recording.disk.pendingAt(at), chance, wanted)) {
      const rebuilt = join(root, `${subject}-${tally.cuts}`);
      rebuild(recording, { at, outcome, folder, rebuilt });
      const history = recording.said.flatMap((said) => (said.at < at ? [said.text] : [])).join("");
      const { violations, confirmedEvents }: Judged =
        subject === "outbox" ? await judgeOutbox(rebuilt, history) : await judge(rebuilt, decodeLines(history));
      tally.cuts += 1;
      tally.confirmedEvents += confirmedEvents;
      tally.violations += violations.length;
      tally.lost += violations.filter(({ kind }) => kind === "lost").length;
      if (violations.length === 0 || !keep) rmSync(rebuilt, { recursive: true, force: true });
      for (const { kind, what } of violations.slice(0, 3))
        process.stdout.write(`${subject}, cut ${tally.cuts} at line ${Math.floor(at)}: ${kind}: ${what}\n`);
    }
  }
  return tally;
}

/** Half of the cuts come right after something was confirmed, where there is most to lose. */
function momentOf({ said, moments }: Recording, chance: Chance): number {
  const confirmed = said.filter(({ text }) => text.includes('"told"'));
  return chance.hit(0.5) && confirmed.length > 0 ? chance.pick(confirmed).at + 0.5 : chance.pick(moments);
}

function rebuild(
  { disk }: Recording,
  { at, outcome, folder, rebuilt }: { at: number; outcome: Outcome; folder: string; rebuilt: string },
): void {
  mkdirSync(rebuilt, { recursive: true });
  for (const [path, content] of disk.contentAt(at, outcome.fates, outcome.namesKept)) {
    const target = join(rebuilt, path.slice(folder.length + 1));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
