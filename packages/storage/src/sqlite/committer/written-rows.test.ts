import { expect, test } from "vitest";
import { WrittenRows } from "./written-rows.ts";

function put(rows: WrittenRows, seq: number, text: string, length = text.length): Buffer | null {
  const room = rows.room(length);
  room?.fill(0).write(text);
  if (room !== null) rows.keep(seq, room);
  return room;
}
const kept = (rows: WrittenRows, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((seq) => rows.get(seq) !== undefined);

test("so many rows are kept, and gone when they are sealed", () => {
  const rows = new WrittenRows();
  for (let seq = 1; seq <= 5_000; seq++) put(rows, seq, `row ${seq}`);
  expect(rows.get(4_096)?.toString()).toBe("row 4096");
  expect(rows.get(4_097)).toBeUndefined();
  rows.dropThrough(4_000);
  expect([rows.get(4_000), rows.get(4_001)?.toString()]).toEqual([undefined, "row 4001"]);
});

test("so many bytes are kept, long rows among them", () => {
  const rows = new WrittenRows();
  const length = 10_485_760;
  for (let seq = 1; seq <= 5; seq++) put(rows, seq, "long", length);
  expect(kept(rows, 1, 5)).toEqual([1, 2, 3, 4]);
  rows.dropThrough(1);
  put(rows, 6, "long", length);
  expect(kept(rows, 1, 6)).toEqual([2, 3, 4, 6]);
});

test("memory is used again when all that is in it is sealed, and not before: rows stay as they were written", () => {
  const rows = new WrittenRows();
  const length = 300_000;
  const textOf = (seq: number): string => `row ${seq}`;
  const memories = new Set<ArrayBufferLike>();
  let sealed = 0;
  for (let seq = 1; seq <= 600; seq++) {
    const room = put(rows, seq, textOf(seq), length);
    if (room !== null) memories.add(room.buffer);
    // A segment of thirty rows, when the next one is half full.
    if (seq % 30 === 15) {
      sealed = seq - 15;
      rows.dropThrough(sealed);
    }
    for (let one = sealed + 1; one <= seq; one++) expect(rows.get(one)?.toString("latin1", 0, textOf(one).length)).toBe(textOf(one));
  }
  expect(memories.size).toBeLessThan(30);
});
