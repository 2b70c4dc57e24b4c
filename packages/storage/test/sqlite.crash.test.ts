/**
 * A process that commits is killed by SIGKILL in the middle of commits and of sealing, again and again over one data
 * folder; after each kill all that it was told was stored is there, once, in order.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStorage, type Storage } from "../src/index.ts";
import { append, outcomesOf, plain, range, readAll, tenant } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

const seed = Number(process.env.WAYBILL_SEED ?? 20_240_611);
/**
 * Twelve say what fifty drawn moments said, for they are spread instead of drawn: each twelfth of a run's length and each twelfth of the time
 * between two confirms is met once, so that kills fall before, in and behind the sealing of a segment. (`npm run crashpoints` kills at exact calls.)
 */
const kills = Number(process.env.WAYBILL_KILLS ?? 12);
/** Each folder is killed over so often without being looked at, then checked. */
const killsPerCheck = 4;
/** A run is killed after so many confirms, and so many milliseconds more. */
const longest = { lines: 40, extraMs: 8 };
const homes = ["store/a", "store/b", "store/c"];

type Told = { numbers: Map<string, number>; plain: string[]; cursor: number; epochs: number[] };

/** Small, seeded, good enough to draw moments. */
function drawer(start: number): () => number {
  let state = start;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

type Moment = { lines: number; extraMs: number };

/** As many moments, in a drawn order; cut into equal parts, both axes have one moment in each part. */
function spread(count: number, draw: () => number): Moment[] {
  const parts = () =>
    Array.from({ length: count }, (_, part) => ({ at: (part + draw()) / count, order: draw() }))
      .sort((a, b) => a.order - b.order)
      .map(({ at }) => at);
  const extra = parts();
  return parts().map((at, i) => ({ lines: 2 + Math.floor(at * longest.lines), extraMs: (extra[i] ?? 0) * longest.extraMs }));
}

/** Runs the child until it has confirmed `lines` things and some moments more; answers when it is dead. */
async function runAndKill(path: string, told: Told, moment: Moment): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./crash-child.ts", import.meta.url)), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let lines = 0;
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    const said: { epoch?: number; home?: string; to?: number; plain?: string; cursor?: number } = JSON.parse(line);
    if (said.epoch !== undefined) told.epochs.push(said.epoch);
    if (said.home !== undefined) told.numbers.set(said.home, Math.max(said.to ?? 0, told.numbers.get(said.home) ?? 0));
    if (said.plain !== undefined) told.plain.push(said.plain);
    told.cursor = Math.max(told.cursor, said.cursor ?? 0);
    lines += 1;
    if (lines === moment.lines) setTimeout(() => child.kill("SIGKILL"), moment.extraMs);
  });
  const [, signal] = await Promise.all([
    new Promise((done) => reader.once("close", done)),
    new Promise<string | null>((done) => child.once("exit", (_, by) => done(by))),
  ]);
  expect(signal).toBe("SIGKILL");
}

async function check(storage: Storage, told: Told): Promise<void> {
  const lanes = await storage.lanes(tenant, "outbox", homes);
  for (const [i, home] of homes.entries()) {
    const events = await readAll(storage, home);
    expect(events.map(({ offset }) => offset)).toEqual(range(1, events.length));
    // Only the outbox publishes here: its numbers are the offsets.
    expect(events.map(({ number }) => number)).toEqual(range(1, events.length));
    expect(events.map(({ id }) => id)).toEqual(range(1, events.length).map((n) => `outbox-${n}`));
    expect(lanes[i]).toBe(events.length);
    expect(events.length).toBeGreaterThanOrEqual(told.numbers.get(home) ?? 0);
  }
  const pool = await readAll(storage, "zone/z");
  expect(pool.map(({ offset }) => offset)).toEqual(range(1, pool.length));
  const ids = (await readAll(storage, "store/p")).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(told.plain.filter((id) => !ids.includes(id))).toEqual([]);
  const last = told.plain.slice(-3);
  expect(
    outcomesOf(
      await append(
        storage,
        last.map((id) => plain(id, { home: "store/p" })),
      ),
    ),
  ).toEqual(last.map(() => "duplicate"));
  const row = await storage.subscription({ tenant, queue: "store/a", group: "main" });
  expect(row?.progress.cursor).toBeGreaterThanOrEqual(told.cursor);
  // One write is whole or not there: the cursor and the parked offset move together.
  expect(row?.parked).toEqual([{ key: "k", first: row?.progress.cursor, count: 1 }]);
  expect(told.epochs).toEqual([...new Set(told.epochs)].sort((a, b) => a - b));
}

test(`[P1] [P2] [P3] [P4] ${kills} kills (seed ${seed}): all that was confirmed is there, once, in order`, {
  timeout: 300_000,
}, async () => {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  const told: Told = { numbers: new Map(), plain: [], cursor: 0, epochs: [] };
  for (const [i, moment] of spread(kills, drawer(seed)).entries()) {
    await runAndKill(path, told, moment);
    if ((i + 1) % killsPerCheck !== 0 && i + 1 !== kills) continue;
    const storage = await openSqliteStorage({ path, segmentEvents: 24, ballastBytes: 0 });
    await check(storage, told);
    await storage.close();
  }
  expect(told.epochs.length).toBe(kills);
});
