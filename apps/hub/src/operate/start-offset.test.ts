import { expect, test } from "vitest";
import { startOffset } from "./start-offset.ts";

const key = { tenant: "default", queue: "store/acme" };
const extent = { head: 100, firstKept: 41 };
const storage = { offsetAt: async (_tenant: string, _queue: string, atMs: number) => Math.max(41, atMs / 1_000) };
const at = (offset: number) => ({ at: new Date(offset * 1_000).toISOString() });

test("start, end and offsets mean what they say, within the queue", async () => {
  const starts = ["start", "end", { offset: 7 }, { offset: 101 }, { offset: 900 }] as const;
  const offsets = await Promise.all(starts.map((start) => startOffset(storage, key, { ...extent, start })));
  expect(offsets).toEqual([1, 101, 7, 101, 101]);
});

test("a time within history is an offset; one that may lie in trimmed history is the beginning, so that the gap is told", async () => {
  expect(await startOffset(storage, key, { ...extent, start: at(60) })).toBe(60);
  expect(await startOffset(storage, key, { ...extent, start: at(41) })).toBe(1);
  expect(await startOffset(storage, key, { ...extent, start: at(3) })).toBe(1);
});

test("where nothing was trimmed, an early time is the beginning as well", async () => {
  const whole = { offsetAt: async () => 1 };
  expect(await startOffset(whole, key, { head: 9, firstKept: 1, start: at(3) })).toBe(1);
});
