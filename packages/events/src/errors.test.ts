import { describe, expect, test } from "vitest";
import { z } from "zod";
import { HubError, hubErrorBodySchema, hubErrors, retrySchema, toHubError, toIssues } from "./errors.ts";

describe.each(Object.entries(hubErrors))("%s", (code, { retry, advice }) => {
  test("has a name in capitals, a known retry and a sentence of advice", () => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(retrySchema.safeParse(retry).success).toBe(true);
    expect(advice).toMatch(/^[A-Z`].{15,}\.$/);
    expect(advice).not.toContain("|");
  });
});

test("what crosses the wire is code, retry and message, and nothing of the inside", () => {
  const error = new HubError("QUEUE_FULL", "store/acme is full.", { cause: new Error("secret") });
  expect(error.toBody()).toEqual({ code: "QUEUE_FULL", retry: "backoff", message: "store/acme is full." });
  expect(hubErrorBodySchema.parse(JSON.parse(JSON.stringify(error.toBody())))).toEqual(error.toBody());
});

test("issues cross the wire when there are any", () => {
  const issues = [{ path: "data.zone", message: "Invalid" }];
  expect(new HubError("INVALID_EVENT", "No.", { issues }).toBody().issues).toEqual(issues);
  expect(new HubError("INVALID_EVENT", "No.", { issues: [] }).toBody()).not.toHaveProperty("issues");
});

test("an old client reads a code that it has never heard of", () => {
  const body = { code: "TOMORROWS_CODE", retry: "backoff", message: "Wait.", more: 1 };
  expect(hubErrorBodySchema.parse(body)).toMatchObject({ code: "TOMORROWS_CODE", retry: "backoff" });
});

test("a HubError stays what it is; any other fault is INTERNAL and keeps its inside to itself", () => {
  const error = new HubError("BUSY", "Wait.");
  expect(toHubError(error)).toBe(error);
  for (const fault of [new TypeError("x is undefined in /srv/hub.ts"), "text", undefined, null, 7]) {
    const internal = toHubError(fault);
    expect(internal).toMatchObject({ code: "INTERNAL", retry: "backoff", cause: fault });
    expect(JSON.stringify(internal.toBody())).not.toContain("srv");
  }
});

test("issues name the path with dots, and are at most eight", () => {
  const schema = z.strictObject({ a: z.array(z.strictObject({ b: z.int() })) });
  const { error } = schema.safeParse({ a: Array.from({ length: 20 }, () => ({ b: "x" })) });
  if (!error) throw new Error("twenty texts are no whole numbers");
  const issues = toIssues(error);
  expect(issues).toHaveLength(8);
  expect(issues[3]?.path).toBe("a.3.b");
});
