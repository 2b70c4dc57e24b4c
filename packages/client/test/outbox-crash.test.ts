import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fileOutbox } from "../src/file-outbox.ts";

const FILES = 4;
// Each costs the start of a process: hundreds before a release, fewer at each change.
const KILLS_PER_FILE = Number(process.env.WAYBILL_TEST_KILLS ?? 40) / FILES;
const child = new URL("outbox-child.ts", import.meta.url).pathname;

type Said = { incarnation: number; puts: Map<string, string>; refused: string[] };

/** Runs a child until it has said so many lines, kills it somewhat later, and returns what it said. */
function killOne(path: string, { round, lines, cache }: { round: number; lines: number; cache: string }): Promise<Said> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, path, String(round)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { NODE_COMPILE_CACHE: cache },
    });
    let out = "";
    let errors = "";
    let isKilled = false;
    process_.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const said = out.split("\n").length - 1;
      if (said < lines || isKilled) return;
      isKilled = true;
      setTimeout(() => process_.kill("SIGKILL"), Math.random() * 10);
    });
    process_.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    process_.on("close", (_code, signal) => (signal === "SIGKILL" ? resolve(parse(out)) : reject(new Error(errors))));
  });
}

function parse(out: string): Said {
  const said: Said = { incarnation: 0, puts: new Map(), refused: [] };
  for (const line of out.split("\n").slice(0, -1)) {
    const [kind, a = "", b = "", id = ""] = line.split(" ");
    if (kind === "open") said.incarnation = Number(a);
    if (kind === "put") said.puts.set(`${a} ${b}`, id);
    if (kind === "refused") said.refused.push(`${a} ${b}`);
  }
  return said;
}

test("killed at any moment, again and again: what was promised is there, under its number, once", { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "outbox-crash-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let promised = 0;
  await Promise.all(
    Array.from({ length: FILES }, async (_, file) => {
      const path = join(folder, `${file}.log`);
      for (let round = 1; round <= KILLS_PER_FILE; round += 1) {
        const said = await killOne(path, { round, lines: 1 + Math.floor(Math.random() * 40), cache: join(folder, "cache") });
        const outbox = fileOutbox(path);
        const ledger = await outbox.open();
        expect(ledger.incarnation).toBeGreaterThan(said.incarnation);
        const ids = [...ledger.lanes.values()].flatMap((lane) => lane.entries().map(({ event }) => event.id));
        expect(new Set(ids).size).toBe(ids.length);
        for (const [place, id] of said.puts) {
          const [queue = "", number = ""] = place.split(" ");
          const lane = ledger.lane(queue);
          expect(lane.assignedTo).toBeGreaterThanOrEqual(Number(number));
          if (Number(number) > lane.confirmedTo) expect(lane.at(Number(number))?.event.id).toBe(id);
          promised += 1;
        }
        for (const place of said.refused) {
          const [queue = "", number = ""] = place.split(" ");
          const entry = ledger.lane(queue).at(Number(number));
          if (entry !== undefined) expect(entry.body).toBeNull();
          expect(ledger.refused.some(({ event }) => event.id === said.puts.get(place))).toBe(true);
        }
        await outbox.close();
      }
    }),
  );
  expect(promised).toBeGreaterThan(FILES * KILLS_PER_FILE);
});
