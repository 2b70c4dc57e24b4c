/** Prepares folders once, damages a copy of one in each round, and tells what the storage made of it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { command, exitCodes, runMain } from "@waybill/options";
import { createChance } from "@waybill/testkit";
import { adviseOn } from "../advise.ts";
import { inspect, type Verdict } from "./inspect.ts";
import { type Kind, kindNames, kinds } from "./kinds.ts";
import { damageOptions } from "./options.ts";
import { prepare } from "./prepared.ts";

const preload = fileURLToPath(new URL("./no-checksums.ts", import.meta.url));
const isChecked = crc32("checked") !== 0;

await runMain(
  command(damageOptions, async ({ options, signal }) => {
    if (options.checksums === "off" && isChecked) return again();
    const root = mkdtempSync(join(tmpdir(), "waybill-damage-"));
    const startedMs = performance.now();
    try {
      const prepared = await prepare(root);
      const names = options.kind.length > 0 ? options.kind : kindNames;
      const tally = new Map<Kind, Tally>(names.map((name) => [name, newTally()]));
      for (let round = 0; round < options.rounds && !signal.aborted; round++) {
        if (process.stderr.isTTY) process.stderr.write(`\r${round}/${options.rounds} rounds `);
        const name = names[round % names.length] ?? "bit in a page";
        const path = join(root, `round-${round}`);
        const did = kinds[name](path, prepared, createChance(`${options.seed}/${round}`));
        const verdict = await inspect(path, prepared.truth);
        count(tally.get(name), verdict);
        if (verdict.outcome === "silent") process.stdout.write(`round ${round}, ${name}, ${did}: SERVED SILENTLY: ${verdict.what}\n`);
        if (verdict.outcome !== "silent" || !options.keep) rmSync(path, { recursive: true, force: true });
      }
      return report(tally, options.seed, performance.now() - startedMs);
    } finally {
      if (!options.keep) rmSync(root, { recursive: true, force: true });
    }
  }),
  { advise: adviseOn },
);

/** The same in a process of its own, where checksums are switched off. */
function again(): number {
  const { status } = spawnSync(process.execPath, ["--import", preload, ...process.argv.slice(1)], { stdio: "inherit" });
  return status ?? exitCodes.failed;
}

type Tally = Record<Verdict["outcome"] | "rounds" | "foundByVerify" | "othersGoOn", number>;

function newTally(): Tally {
  const outcomes = { intact: 0, "refused at the start": 0, "refused at a read": 0, behind: 0, another: 0, silent: 0 };
  return { rounds: 0, ...outcomes, othersGoOn: 0, foundByVerify: 0 };
}

function count(tally: Tally | undefined, { outcome, foundByVerify, othersGoOn }: Verdict): void {
  if (tally === undefined) return;
  tally.rounds += 1;
  tally[outcome] += 1;
  if (foundByVerify) tally.foundByVerify += 1;
  if (othersGoOn) tally.othersGoOn += 1;
}

function report(tally: ReadonlyMap<Kind, Tally>, seed: number, tookMs: number): number {
  for (const [kind, { rounds, ...counts }] of tally) {
    const told = Object.entries(counts).flatMap(([name, n]) => (n > 0 ? [`${n} ${name}`] : []));
    process.stdout.write(`${kind.padEnd(24)} ${String(rounds).padStart(4)} rounds: ${told.join(", ")}\n`);
  }
  const sumOf = (what: keyof Tally): number => [...tally.values()].reduce((sum, one) => sum + one[what], 0);
  const verdict = {
    ok: sumOf("silent") === 0,
    seed,
    rounds: sumOf("rounds"),
    silent: sumOf("silent"),
    seconds: Math.round(tookMs / 100) / 10,
  };
  process.stdout.write(`${JSON.stringify({ ...verdict, kinds: Object.fromEntries(tally) })}\n`);
  return verdict.ok ? exitCodes.ok : exitCodes.failed;
}
