import { expect, test } from "vitest";
import { createLog, type LogMode } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createProof } from "./proof.ts";

function openProof(mode: LogMode = "json") {
  const lines: string[] = [];
  let nowMs = 1_000;
  const log = createLog({ mode, isColor: false, to: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics();
  const proof = createProof({ log, metrics, monotonicMs: () => nowMs });
  return {
    proof,
    metrics,
    lines,
    json: () => lines.map((line) => JSON.parse(line)),
    passTo: (ms: number) => {
      nowMs = ms;
    },
    [Symbol.dispose]: () => proof.close(),
  };
}

const item = (parcel: string) => ({
  tenant: "default",
  from: { kind: "plain" as const, subject: "driver:d1" },
  number: 0,
  home: "store/acme",
  id: "e1",
  type: "delivered",
  parcel,
  body: new Uint8Array(),
  copies: [{ queue: "driver/d1" }],
});
const stored = { outcome: "stored" as const, offset: 7, recordedAtMs: 1, copyOffsets: [3] };
const entry = { offset: 7, key: "p1", type: "delivered", bytes: 10, recordedAtMs: 1, ref: { id: "e1" } };

test("each event is a line with its parts, and a sentence for people", () => {
  using json = openProof();
  json.proof.stored([item("p1")], [stored]);
  json.proof.settled("store/acme", "main", { type: "settled", how: "acked", entries: [entry], count: 1, consumer: 1 });
  expect(json.json()).toMatchObject([
    { level: "info", msg: "stored", type: "delivered", parcel: "p1", queue: "store/acme", offset: 7, copies: 1, id: "e1", by: "driver:d1" },
    { level: "info", msg: "settled", parcel: "p1", queue: "store/acme", offset: 7, group: "main", how: "acked", id: "e1" },
  ]);
  using pretty = openProof("pretty");
  pretty.proof.stored([item("p1")], [stored]);
  expect(pretty.lines.join("")).toMatch(/^\[?\d\d:\d\d:\d\d\]?.* delivered p1 → store\/acme #7 \(\+1\), by driver:d1\n$/);
});

test("above 50 events a second there is one summary, with all that happened", () => {
  using rig = openProof();
  for (let index = 0; index < 80; index += 1) rig.proof.stored([item(`p${index}`)], [stored]);
  expect(rig.lines).toHaveLength(50);
  rig.passTo(2_000);
  rig.proof.settled("store/acme", "main", { type: "settled", how: "acked", entries: [entry], count: 1, consumer: 1 });
  expect(rig.json().at(-1)).toMatchObject({ msg: "in the last second", stored: 80 });
});

test("of a commit only what it stored is said and counted: lines up to the limit, then one summary of all", () => {
  using rig = openProof();
  const refused = { outcome: "full" as const, queue: "store/acme" };
  const items = Array.from({ length: 80 }, (_, index) => item(`p${index}`));
  rig.proof.stored(
    items,
    items.map((_, index) => (index === 1 ? refused : stored)),
  );
  expect(rig.json().map(({ parcel }) => parcel)).toEqual(
    items.filter((_, index) => index !== 1 && index <= 50).map(({ parcel }) => parcel),
  );
  rig.passTo(2_000);
  rig.proof.stored([item("p1")], [refused]);
  expect(rig.lines).toHaveLength(50);
  rig.proof.stored([item("p1")], [stored]);
  expect(rig.json().at(-1)).toMatchObject({ msg: "in the last second", stored: 79 });
});

test("warnings above 50 a second are counted by what they say, apart from the events", () => {
  using rig = openProof();
  for (let index = 0; index < 60; index += 1) rig.proof.warn("refused", { code: index % 3 ? "ACK_MISSING" : "BUSY" });
  rig.proof.stored([item("p1")], [stored]);
  expect(rig.json().at(-1)).toMatchObject({ msg: "stored" });
  rig.passTo(2_000);
  rig.proof.warn("another");
  expect(rig.json().at(-1)).toMatchObject({ msg: "in the last second", "refused ACK_MISSING": 40, "refused BUSY": 20 });
});

test("failed, stuck and buried events say why, and how often", () => {
  using rig = openProof();
  const failed = {
    type: "failed" as const,
    entry,
    consumer: 1,
    kind: "failed" as const,
    reason: "no \u001b[31mred\u001b[0m\nink",
    failed: 2,
    interrupted: 1,
    dueMs: 5_000,
  };
  for (const outcome of ["retry", "stuck", "buried"] as const) rig.proof.failed("store/acme", "main", { ...failed, outcome });
  expect(rig.json()).toMatchObject([
    { level: "warn", msg: "failed", attempt: 3, reason: "no �[31mred�[0m�ink", againAt: "1970-01-01T00:00:05.000Z" },
    { level: "warn", msg: "stuck", kind: "failed" },
    { level: "warn", msg: "buried" },
  ]);
});

test("no token and no control character reaches the log, and nothing long", () => {
  using rig = openProof();
  const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ2In0.c2lnbmF0dXJl";
  rig.proof.warn("refused", { why: `bad ${token} at \u202eend`, token, auth: { token }, long: "x".repeat(5_000) });
  rig.proof.fault("it broke", new Error("inside"));
  const text = rig.lines.join("");
  expect(text).not.toContain("eyJ");
  expect(text).not.toContain("\u202e");
  expect(text.length).toBeLessThan(3_000);
  expect(rig.json()[1]).toMatchObject({ level: "error", msg: "it broke", err: { message: "inside" } });
});

test("what is refused is said to people in a sentence, and other warnings by their parts", () => {
  using rig = openProof("pretty");
  rig.proof.warn("refused", { namespace: "/driver", address: "10.0.0.1", code: "ACK_MISSING", why: "no answer function" });
  rig.proof.warn("something odd", { parts: 2 });
  expect(rig.lines[0]).toMatch(/! refused on \/driver \(10\.0\.0\.1\): ACK_MISSING, no answer function\n$/);
  expect(rig.lines[1]).toMatch(/! something odd parts=2\n$/);
});

test("counters add up: what was published is stored, a duplicate or refused", async () => {
  using rig = openProof("silent");
  const { proof, metrics } = rig;
  proof.published(10);
  for (let index = 0; index < 6; index += 1) proof.stored([item(`p${index}`)], [stored]);
  proof.stored([{ ...item("p1"), from: { kind: "hub" } }], [stored]);
  proof.duplicates(3);
  proof.refused("QUEUE_FULL", 1);
  proof.settled("store/acme", "main", { type: "settled", how: "acked", entries: [], count: 5, consumer: null });
  proof.settled("store/acme", "a-group-of-somebody", { type: "settled", how: "gap", entries: [], count: 2, consumer: null });
  metrics.measureWith(async () => ({ pending: 7, stuck: 0, dead: 0, subscriptions: 1, walBytes: 4_096, fileBytes: 8_192 }));
  const page = await metrics.text();
  for (const line of [
    "waybill_published_total 10",
    "waybill_stored_total 6",
    "waybill_made_total 1",
    "waybill_appended_total 14",
    "waybill_duplicates_total 3",
    'waybill_refused_total{code="QUEUE_FULL"} 1',
    'waybill_settled_total{group="main",how="acked"} 5',
    'waybill_settled_total{group="other",how="gap"} 2',
    "waybill_pending 7",
    "waybill_wal_bytes 4096",
  ]) {
    expect(page.split("\n")).toContain(line);
  }
  expect(page).toContain("waybill_nodejs_eventloop_lag_seconds");
});
