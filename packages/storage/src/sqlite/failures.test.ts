import { expect, test } from "vitest";
import { failureOf } from "./failures.ts";

const sqlite = (errcode: number): Error => Object.assign(new Error("as SQLite says it"), { errcode });

test.each([
  ["the disk is full", 13, "STORAGE_FULL"],
  ["the index of the log could not grow", 4874, "STORAGE_FULL"],
  ["the image is malformed", 11, "DATA_DAMAGED"],
  ["the file is no database", 26, "DATA_DAMAGED"],
  ["a page lies behind the file's end: somebody cut it, no disk fails", 522, "DATA_DAMAGED"],
  ["a sync failed", 1034, "STORAGE_FAILED"],
  ["a read failed", 266, "STORAGE_FAILED"],
])("%s", (_, errcode, code) => {
  expect(failureOf(sqlite(errcode)).code).toBe(code);
});
