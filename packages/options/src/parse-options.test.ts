import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineOptions } from "./define-options.ts";
import { parseOptions } from "./parse-options.ts";
import { UsageError } from "./usage-error.ts";

const definition = defineOptions({
  name: "hub",
  summary: "Keeps and delivers.",
  usage: "npm run hub --",
  positionals: { placeholder: "FILE", describe: "What to read.", path: true, max: 2 },
  options: z.strictObject({
    port: z.int().min(0).max(65_535).default(4000).describe("Port.").meta({ env: "WAYBILL_PORT", placeholder: "PORT" }),
    dataFolder: z.string().default("data").describe("Folder.").meta({ env: "WAYBILL_DATA", flag: "data", path: true }),
    store: z
      .array(z.string().regex(/^[a-z-]+$/))
      .default([])
      .describe("Known stores.")
      .meta({ env: "WAYBILL_STORES", placeholder: "ID" }),
    speed: z
      .union([z.literal("max"), z.number().positive()])
      .default(1)
      .describe("Times as fast."),
    drainMs: z.int().min(250).default(5_000).describe("Wait.").meta({ flag: "drain", unit: "duration" }),
    pairs: z
      .int()
      .refine((count) => count % 2 === 0, "shoes come in pairs")
      .default(2)
      .describe("Shoes."),
    offset: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/, "it takes an offset such as -03:00")
      .optional()
      .describe("Zone."),
    open: z.boolean().default(false).describe("Open.").meta({ env: "WAYBILL_OPEN" }),
    key: z.string().min(16).optional().describe("Key.").meta({ env: "WAYBILL_KEY", secret: true }),
  }),
});

const run = (argv: string[], env = {}) => {
  const parsed = parseOptions(definition, argv, env);
  if (parsed.asks !== "run") throw new Error(`asks for ${parsed.asks}`);
  return parsed;
};
const faults = (argv: string[], env = {}): readonly string[] => {
  try {
    run(argv, env);
  } catch (error) {
    if (error instanceof UsageError) return error.faults;
    throw error;
  }
  return [];
};

describe("values", () => {
  test("without anything, the defaults", () => {
    expect(run([]).options).toEqual({
      port: 4000,
      dataFolder: resolve("data"),
      store: [],
      speed: 1,
      drainMs: 5_000,
      pairs: 2,
      open: false,
    });
  });

  test("a flag beats the environment, which beats the default", () => {
    const env = { WAYBILL_PORT: "5000" };
    expect(run([], env).options.port).toBe(5000);
    expect(run(["--port", "6000"], env).options.port).toBe(6000);
    expect(run([], { WAYBILL_PORT: "" }).options.port).toBe(4000);
  });

  test.each([
    [["--speed", "max"], { speed: "max" }],
    [["--speed=2.5"], { speed: 2.5 }],
    [["--drain", "2m"], { drainMs: 120_000 }],
    [["--drain", "250"], { drainMs: 250 }],
    [["--open"], { open: true }],
    [["--open", "--no-open"], { open: false }],
    [["--open=yes"], { open: true }],
    [["--port", "1", "--port", "2"], { port: 2 }],
    [["--store", "a", "--store=b"], { store: ["a", "b"] }],
  ])("%j", (argv, wanted) => {
    expect(run(argv).options).toMatchObject(wanted);
  });

  test("the environment writes lists with commas and switches in words", () => {
    expect(run([], { WAYBILL_STORES: "a, b", WAYBILL_OPEN: "1" }).options).toMatchObject({ store: ["a", "b"], open: true });
  });

  test("positionals stand anywhere; after -- everything is one", () => {
    expect(run(["a.csv", "--open", "-"]).positionals).toEqual([resolve("a.csv"), "-"]);
    expect(run(["--", "--open"]).positionals).toEqual([resolve("--open")]);
  });
});

describe("paths", () => {
  const underNpm = { INIT_CWD: "/home/a", npm_package_json: resolve("package.json") };

  test("under npm they are meant from where the user stands, defaults too", () => {
    const { options, positionals } = run(["day.csv"], underNpm);
    expect([options.dataFolder, positionals[0]]).toEqual(["/home/a/data", "/home/a/day.csv"]);
    expect(run(["--data", "/srv"], underNpm).options.dataFolder).toBe("/srv");
  });

  test("a program that was started further down in a folder of its own stands there", () => {
    const env = { INIT_CWD: "/home/a", npm_package_json: "/elsewhere/package.json" };
    expect(run([], env).options.dataFolder).toBe(resolve("data"));
  });

  test("an address is no path", () => {
    expect(run(["--data", "postgres://db/x"], underNpm).options.dataFolder).toBe("postgres://db/x");
  });
});

describe("faults name the flag, what was found, and what to do", () => {
  test.each([
    [["--port", "70000"], '--port: "70000" is refused, it takes a whole number from 0 to 65535.'],
    [["--port", "-1"], '--port: "-1" is refused, it takes a whole number from 0 to 65535.'],
    [["--port="], '--port: "" is refused, it takes a whole number from 0 to 65535.'],
    [["--drain", "soon"], '--drain: "soon" is refused, it takes a duration of at least 250ms, such as 30s, 5m or 2h.'],
    [["--speed", "0"], '--speed: "0" is refused, it takes max or a number above 0.'],
    [["--open=maybe"], '--open: "maybe" is refused, it takes yes or no.'],
    [["--store", "ok", "--store", "A"], '--store: "A" is refused, Invalid string: must match pattern /^[a-z-]+$/.'],
    [["--offset", "noon"], '--offset: "noon" is refused, it takes an offset such as -03:00.'],
    [["--pairs", "3"], '--pairs: "3" is refused, shoes come in pairs.'],
    [["--drain", "5ms"], '--drain: "5ms" is refused, it takes a duration of at least 250ms, such as 30s, 5m or 2h.'],
    [["--prot", "--open"], "--prot is no option here. Did you mean --port?"],
    [["--zzzzzz"], "--zzzzzz is no option here."],
    [["-x"], "-x is no option here."],
    [["--no-port"], "--no-port is no option here. Did you mean --port?"],
    [["--port"], "--port has no value. Write --port PORT."],
    [["--data", "-x"], "--data has no value. Write --data PATH, or --data=VALUE for one that begins with a dash."],
    [["a", "b", "c"], '"c" is one argument too many. An option begins with two dashes.'],
  ])("%j", (argv, fault) => {
    expect(faults(argv)[0]).toBe(fault);
  });

  test("the environment is named where it is at fault", () => {
    expect(faults([], { WAYBILL_PORT: "x" })).toEqual(['WAYBILL_PORT: "x" is refused, it takes a whole number from 0 to 65535.']);
  });

  test("a secret is never shown", () => {
    expect(faults(["--key", "hunter2"])).toEqual(["--key: its value is refused, it takes text of at least 16 characters."]);
  });

  test("all faults are told at once", () => {
    expect(faults(["--port", "x", "--nope", "--speed", "y"])).toHaveLength(3);
  });

  test("what is required and missing", () => {
    const strict = defineOptions({
      name: "vendor",
      summary: "Takes events.",
      usage: "npm run vendor --",
      positionals: { placeholder: "FILE", describe: "What to read.", min: 1 },
      options: z.strictObject({ token: z.string().describe("Token.").meta({ env: "WAYBILL_TOKEN" }) }),
    });
    expect(() => parseOptions(strict, [], {})).toThrow("--token is missing. Write --token TEXT or set WAYBILL_TOKEN.");
    expect(() => parseOptions(strict, ["--token=a"], {})).toThrow("FILE is missing. Write npm run vendor -- FILE.");
  });
});

test("--help wins over faults, --version prints the one version", () => {
  expect(parseOptions(definition, ["--nope", "--help"], {})).toMatchObject({ asks: "help" });
  expect(parseOptions(definition, ["--version"], {})).toMatchObject({
    asks: "version",
    text: expect.stringMatching(/^Waybill hub \d+\.\d+\.\d+\n$/),
  });
});
