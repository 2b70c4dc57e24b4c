import { expect, test } from "vitest";
import { crc32, crc32OfOurOwn } from "./crc32.ts";

const encoder = new TextEncoder();

test("the standard's check value", () => {
  expect(crc32(encoder.encode("123456789"))).toBe("cbf43926");
});

test("a checksum that begins with zeros has eight digits still", () => {
  expect(crc32(encoder.encode(""))).toBe("00000000");
});

test("a file that was written with Node's is read where Node has none, and the other way round", () => {
  for (const text of ["", "a", "123456789", '[["put","store/acme",1,{"id":"ü"}]]']) {
    const bytes = encoder.encode(text);
    expect(crc32OfOurOwn(bytes).toString(16).padStart(8, "0")).toBe(crc32(bytes));
  }
});
