import { expect, test } from "vitest";
import { parseCsv } from "./csv.ts";

const cells = (text: string) => parseCsv(text).map((row) => row.cells);

test.each([
  [
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["a\r\nb\rc", [["a"], ["b"], ["c"]]],
  ['x,"novo hamburgo, brasil",y', [["x", "novo hamburgo, brasil", "y"]]],
  ['"say ""hi""","two\nlines"\nnext', [['say "hi"', "two\nlines"], ["next"]]],
  [
    "a,\n,b\n",
    [
      ["a", ""],
      ["", "b"],
    ],
  ],
  ["a,", [["a", ""]]],
  ["\n\na\n\n", [["a"]]],
  ["", []],
])("%j", (text, expected) => {
  expect(cells(text)).toEqual(expected);
});

test("rows are named by the line that they begin on", () => {
  expect(parseCsv('h\n"1\n2"\n\nx').map((row) => row.line)).toEqual([1, 2, 5]);
});

test.each(['ok\n"open', 'a"b', '"a"b'])("%j is refused with its line", (text) => {
  expect(() => parseCsv(text)).toThrow(/line \d/);
});
