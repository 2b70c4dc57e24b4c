import { expect, test } from "vitest";
import { reportError } from "./report-error.ts";
import { UsageError } from "./usage-error.ts";

const coded = (code: string, rest: object = {}) => Object.assign(new Error("It was refused."), { code, ...rest });

test("a foreseen error: code, message, advice, no stack", () => {
  const { text, exitCode } = reportError(coded("DATA_HELD", { retry: "never" }), () => "Stop the other hub.");
  expect(text).toBe("error DATA_HELD: It was refused.\nStop the other hub.\n");
  expect(exitCode).toBe(3);
});

test("one that may go away by itself ends with 1", () => {
  expect(reportError(coded("STORAGE_FULL", { retry: "backoff" }))).toEqual({ text: "error STORAGE_FULL: It was refused.\n", exitCode: 1 });
});

test("where a message breaks its schema is told", () => {
  const issues = [{ path: "data.reason", message: "is missing" }];
  expect(reportError(coded("INVALID_EVENT", { issues })).text).toContain("  data.reason: is missing\n");
});

test("an error of the system comes with advice", () => {
  expect(reportError(coded("EADDRINUSE")).text).toContain("choose another port");
});

test("each fault of a wrong call has its line", () => {
  const { text, exitCode } = reportError(new UsageError(["--a is no option here.", "--b has no value."], "All options: x --help"));
  expect(text).toBe("error USAGE: --a is no option here.\nerror USAGE: --b has no value.\nAll options: x --help\n");
  expect(exitCode).toBe(2);
});

test.each([new TypeError("x is not a function"), coded("ERR_INVALID_ARG_TYPE")])("a bug shows its stack: %s", (error) => {
  expect(reportError(error)).toMatchObject({ text: expect.stringMatching(/^error UNEXPECTED: .*\n {4}at /s), exitCode: 1 });
});
