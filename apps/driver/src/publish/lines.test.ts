import { expect, test } from "vitest";
import { type Line, readLines } from "./lines.ts";

const linesOf = async (chunks: string[], bytesMax = 100): Promise<Line[]> => {
  const lines: Line[] = [];
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  for await (const line of readLines(source, bytesMax)) lines.push(line);
  return lines;
};

test("lines are numbered with the empty ones counted, and the last needs no line feed", async () => {
  expect(await linesOf(["a\n\n  \r\nb\r\nc"])).toEqual([
    { number: 1, text: "a" },
    { number: 4, text: "b" },
    { number: 5, text: "c" },
  ]);
});

test("it does not matter where the chunks are cut, not even within a character", async () => {
  const text = Buffer.from("é1\nü2\n");
  const bytes = (async function* () {
    for (const byte of text) yield Uint8Array.of(byte);
  })();
  const lines: Line[] = [];
  for await (const line of readLines(bytes, 100)) lines.push(line);
  expect(lines).toEqual([
    { number: 1, text: "é1" },
    { number: 2, text: "ü2" },
  ]);
});

test("a line above the limit is reported as too long, and the next is read as usual", async () => {
  expect(await linesOf(["12345\n123", "456\n1234567890", "\nok"], 5)).toEqual([
    { number: 1, text: "12345" },
    { number: 2, tooLong: true },
    { number: 3, tooLong: true },
    { number: 4, text: "ok" },
  ]);
});

test("nothing is nothing", async () => {
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf(["\n\n"])).toEqual([]);
});
