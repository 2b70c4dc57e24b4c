import type { Engine, Entry } from "@waybill/queue";
import { expect, test } from "vitest";
import { QueuedEvent } from "./entry.ts";
import { keepAlone } from "./keep-alone.ts";

const frameBytes = 60_000;

/** One event of each frame. */
const entryAt = (offset: number): Entry => {
  const frame = Buffer.alloc(frameBytes);
  const length = frame.write('{"id":"e"}', 500);
  return new QueuedEvent(
    { id: "e", type: "pickup", parcel: `p${offset}`, body: frame.subarray(500, 500 + length) },
    { offset, recordedAtMs: 1 },
    0,
  );
};

const engineOf = (entries: readonly Entry[]): Engine => ({ entries: () => entries }) as unknown as Engine;
const keptBy = (entries: readonly Entry[]): number => {
  const kept = new Set(entries.map((entry) => (entry as QueuedEvent).body.buffer));
  return [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
};

test("what waits in an engine keeps a hundredth of the frames that it came with", () => {
  const entries = Array.from({ length: 1_000 }, (_, at) => entryAt(at + 1));
  expect(keptBy(entries)).toBe(1_000 * frameBytes);
  expect(keepAlone(engineOf(entries))).toBe(1_000);
  expect(keptBy(entries)).toBeLessThan(10 * frameBytes);
  expect(keepAlone(engineOf(entries))).toBe(0);
});

test("of many some are copied, and the others the next time", () => {
  const entries = Array.from({ length: 3_000 }, (_, at) => entryAt(at + 1));
  expect([keepAlone(engineOf(entries)), keepAlone(engineOf(entries)), keepAlone(engineOf(entries))]).toEqual([2_048, 952, 0]);
});

test("each says what it said, whatever becomes of its frame", () => {
  const frames = [1, 2, 3].map((at) => Buffer.from(`${" ".repeat(20_000)}{"id":"e${at}"}`));
  const bodies = frames.map((frame) => frame.subarray(20_000));
  const events = bodies.map(
    (body, at) => new QueuedEvent({ id: "e", type: "pickup", parcel: "p", body }, { offset: at + 1, recordedAtMs: 1 }, 0),
  );
  keepAlone(engineOf(events));
  for (const frame of frames) frame.fill(0);
  expect(events.map(({ body }) => Buffer.from(body).toString())).toEqual(['{"id":"e1"}', '{"id":"e2"}', '{"id":"e3"}']);
});

test("what is most of what it came with stays as it is", () => {
  const body = new TextEncoder().encode(`{"pad":"${"x".repeat(15_000)}"}`);
  const event = new QueuedEvent({ id: "e", type: "pickup", parcel: "p", body }, { offset: 1, recordedAtMs: 1 }, 0);
  expect(keepAlone(engineOf([event]))).toBe(0);
  expect(event.body).toBe(body);
});
