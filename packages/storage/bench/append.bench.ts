/**
 * Events a second of the SQLite storage, on this machine's disk:
 *
 *   node packages/storage/bench/append.bench.ts [--events N] [--queues 100,1000,100000] [--per-commit 512] [--catch-up N] [--dir PATH]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type AppendItem, openSqliteStorage, type Storage } from "../src/index.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    queues: { type: "string", default: "100,1000,100000" },
    "per-commit": { type: "string", default: "512" },
    "catch-up": { type: "string", default: "200000" },
    dir: { type: "string", default: tmpdir() },
  },
});
const perCommit = Number(values["per-commit"]);
const body = new TextEncoder().encode(JSON.stringify({ at: "2024-01-01T10:00:00Z", data: "x".repeat(250 - 46) }));
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const rate = (events: number, ms: number): string => `${Math.round(events / (ms / 1000)).toLocaleString("en")} events/s`;

/** Each queue has one producer, so that there are as many lanes. */
function batchOf(numbers: number[], from: number, count: number): AppendItem[] {
  return Array.from({ length: count }, (_, i) => {
    const lane = (from + i) % numbers.length;
    const number = (numbers[lane] ?? 0) + 1;
    numbers[lane] = number;
    return {
      tenant: "default",
      from: { kind: "numbered", producer: `producer-${lane}`, incarnation: 1 },
      number,
      home: `store/s${lane}`,
      id: `0190b2c4-7a5e-7c00-8000-${String(from + i).padStart(12, "0")}`,
      type: "in-transit",
      parcel: `parcel-${(from + i) % 50_000}`,
      body,
      copies: [],
    };
  });
}

async function append(storage: Storage, queues: number, events: number): Promise<void> {
  const numbers = Array.from({ length: queues }, () => 0);
  const waits: number[] = [];
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const inFlight = new Set<Promise<void>>();
  for (let from = 0; from < events; from += perCommit) {
    const items = batchOf(numbers, from, Math.min(perCommit, events - from));
    const handed = performance.now();
    const one: Promise<void> = storage.commit({ nowMs: Date.now(), items, progress: [] }).then((outcomes) => {
      if (outcomes.some(({ outcome }) => outcome !== "stored")) throw new Error("not all was stored");
      waits.push(performance.now() - handed);
      inFlight.delete(one);
    });
    inFlight.add(one);
    if (inFlight.size >= 4) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  const ms = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuUs = ((cpu.user + cpu.system) / events).toFixed(1);
  waits.sort((a, b) => a - b);
  const at = (share: number): string => `${(waits[Math.floor(waits.length * share)] ?? 0).toFixed(1)} ms`;
  write(
    `append, ${queues.toLocaleString("en")} queues: ${rate(events, ms)}; commit p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.9999)}; CPU of all threads ${cpuUs} µs an event`,
  );
}

async function catchUp(storage: Storage, queue: string, what: string): Promise<void> {
  const started = performance.now();
  let events = 0;
  for (let from = 1; ; ) {
    const read = await storage.read("default", queue, from, { eventsMax: 1_024, bytesMax: 1_048_576 });
    events += read.events.length;
    from = read.to + 1;
    if (read.to >= read.head) break;
  }
  write(`catch-up, ${what}: ${events.toLocaleString("en")} events, ${rate(events, performance.now() - started)}`);
}

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(values.dir, "waybill-bench-"));
  try {
    await work(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

for (const queues of values.queues.split(",").map(Number)) {
  await inFolder(async (path) => {
    const storage = await openSqliteStorage({ path });
    await append(storage, queues, Number(values.events));
    write(`  ${JSON.stringify(await storage.stats())}, rss ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
    if (queues <= 1_000) await catchUp(storage, "store/s0", `one of ${queues} queues`);
    await storage.close();
    const started = performance.now();
    const again = await openSqliteStorage({ path });
    await again.read("default", "store/s0", 1, { eventsMax: 1, bytesMax: 1 });
    write(
      `  open with ${Number(values.events).toLocaleString("en")} events until the first is read: ${Math.round(performance.now() - started)} ms`,
    );
    await again.close();
  });
}
await inFolder(async (path) => {
  const storage = await openSqliteStorage({ path });
  await append(storage, 1, Number(values["catch-up"]));
  await catchUp(storage, "store/s0", "one queue");
  await storage.close();
});
