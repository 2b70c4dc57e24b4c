import { expect, test } from "vitest";
import { z } from "zod";
import { defineOptions } from "./define-options.ts";

const define = (options: z.ZodObject) => defineOptions({ name: "hub", summary: "Keeps.", usage: "npm run hub --", options });

test.each([
  ["an option without a description", { port: z.int() }, /port is not well defined.*described/s],
  ["an environment name of somebody else", { port: z.int().describe("Port.").meta({ env: "PORT" }) }, /WAYBILL_/],
  ["a slip in the meta data", { port: z.int().describe("Port.").meta({ enviroment: "WAYBILL_PORT" }) }, /enviroment/],
  ["two options with one flag", { a: z.string().describe("A."), b: z.string().describe("B.").meta({ flag: "a" }) }, /share the name a/],
  ["a flag that every program has", { help: z.boolean().describe("Help.") }, /share the name help/],
])("%s is refused", (_, options, message) => {
  expect(() => define(z.strictObject(options))).toThrow(message);
});

test("two options with one environment name are refused", () => {
  const meta = { env: "WAYBILL_A" };
  expect(() => define(z.strictObject({ a: z.string().describe("A.").meta(meta), b: z.string().describe("B.").meta(meta) }))).toThrow(
    "share the name WAYBILL_A",
  );
});

test("description and meta are found below a default too", () => {
  const [field] = define(z.strictObject({ leaseMs: z.int().describe("Lease.").meta({ env: "WAYBILL_LEASE" }).default(3) })).fields;
  expect(field).toMatchObject({ flag: "lease-ms", describe: "Lease.", env: "WAYBILL_LEASE", default: 3, isRequired: false });
});
