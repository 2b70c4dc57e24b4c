import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runToEnd } from "@waybill/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { socketio } from "../src/peers/socketio/server.ts";
import { workloads } from "../src/workloads/catalogue.ts";

const script = fileURLToPath(new URL("../bin/bench.js", import.meta.url));
const tiny = ["--runs", "1", "--events", "120", "--stores", "3", "--json"];
/** Each point is a hub of its own, and more processes. */
const fewPoints = ["--axes", "stored,keys", "--stored", "300", "--keys", "7"];
/** Several processes, some of them started several times. */
const long = { timeout: 240_000 };

const bench = (...args: string[]) => runToEnd(script, args, { env: process.env });
const summarySchema = z.object({ results: z.array(z.looseObject({})).min(1) });

// Two at a time: much of it is processes that start, and clients that wait for one another.
test.concurrent.each(Object.values(workloads))(
  "$name: each event once and in order, beside bare Socket.IO where it can do that, and every measure a number",
  long,
  async ({ name, measures, fits = () => false }) => {
    const { code, records, stderr } = await bench(name, ...tiny, ...fewPoints, "--peers", "waybill,socketio");
    expect([code, stderr, records]).toMatchObject([0, "", [{ ok: true, workload: name, runs: 1 }]]);
    const { results } = summarySchema.parse(records[0]);
    expect(new Set(results.map(({ peer }) => peer))).toEqual(new Set(["waybill", ...(fits(socketio) ? ["socketio"] : [])]));
    for (const result of results) {
      expect(result).toMatchObject({ exact: true, ordered: true, faults: [], durable: expect.any(String) });
      for (const key of Object.keys(measures)) expect(result).toHaveProperty(key, expect.any(Number));
    }
  },
);

test.concurrent("plain clients and a packet per event: each once and in order", long, async () => {
  const { code, records } = await bench("flow", ...tiny, "--peers", "waybill-plain,socketio-ack");
  expect(code).toBe(0);
  const [summary] = records;
  expect(summary).toMatchObject({ ok: true, results: [{ peer: "waybill-plain" }, { peer: "socketio-ack", exact: true, ordered: true }] });
});

test.concurrent.each([
  ["loss", { exact: false, ordered: true, faults: ["1 of 240 events missing"] }],
  ["swap", { exact: true, ordered: false, faults: ["1 of 240 events out of order"] }],
])("a planted %s fails the run", long, async (plant, verdict) => {
  const { code, records } = await bench("drain", ...tiny, "--peers", "waybill", "--plant", plant);
  expect(code).toBe(1);
  expect(records).toMatchObject([{ ok: false, results: [verdict] }]);
});

test.concurrent("a table for people; CPU profiles of hub and clients, and which files took the time", long, async ({ onTestFinished }) => {
  const dir = await mkdtemp(join(tmpdir(), "waybill-bench-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { code, stderr } = await bench("drain", "--runs", "1", "--events", "120", "--peers", "waybill", "--profile", dir);
  expect(code).toBe(0);
  expect(stderr).toMatch(/waybill, SDK +[\d,]+/);
  expect(stderr).toContain(" ms busy");
  // Four threads of the hub, and the consumer.
  expect(readdirSync(dir).length).toBeGreaterThan(4);
});

test.concurrent("where hub and clients allocate; not in one run with CPU profiles", long, async ({ onTestFinished }) => {
  const dir = await mkdtemp(join(tmpdir(), "waybill-bench-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { code, stderr } = await bench("drain", "--runs", "1", "--events", "120", "--peers", "waybill", "--allocations", dir);
  expect(code).toBe(0);
  for (const program of ["hub", "vendor-worker"]) expect(stderr).toMatch(new RegExp(`${program}.*heapprofile: [\\d.]+ MB allocated`));
  const both = await bench("drain", "--allocations", dir, "--profile", dir);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("--profile and --allocations disturb each other")]);
});

test("a workload or a peer that there is not is refused with those that there are", async () => {
  const { code, stderr } = await bench("flwo");
  expect(code).toBe(2);
  expect(stderr).toContain("There is no workload flwo; there are flow, latency, drain, fanout, idle, storm, restart, slow, full, growth.");
  const other = await bench("flow", "--peers", "rabbit");
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("There is no peer rabbit; there are all, waybill,")]);
});
