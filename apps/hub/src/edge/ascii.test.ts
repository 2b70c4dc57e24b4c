import { expect, test } from "vitest";
import { digitsOf, writeAscii, writeNumber } from "./ascii.ts";

const numbers = [
  0,
  1,
  9,
  10,
  99,
  100,
  999_999_999,
  1_000_000_000,
  1_000_000_001,
  1_099_999_999_999,
  1_772_000_000_123,
  Number.MAX_SAFE_INTEGER,
];

test("a number is written as JSON has it, and what stands around it stays", () => {
  for (const number of [...numbers, ...Array.from({ length: 16 }, (_, power) => 10 ** power + power)]) {
    const text = String(number);
    const into = Buffer.from("-".repeat(20));
    expect(digitsOf(number)).toBe(text.length);
    expect(writeNumber(into, 2, number)).toBe(2 + text.length);
    expect(into.toString()).toBe(`--${text}`.padEnd(20, "-"));
  }
});

test("a text is written as it is", () => {
  const into = Buffer.from("-----");
  expect(writeAscii(into, 1, "a{7")).toBe(4);
  expect(into.toString()).toBe("-a{7-");
});
