import { join } from "node:path";
import { parseOptions, UsageError } from "@waybill/options";
import { describe, expect, test } from "vitest";
import { drive } from "./commands/drive.ts";
import { jobs } from "./commands/jobs.ts";
import { publish } from "./commands/publish.ts";
import { replay } from "./commands/replay.ts";
import { driverOf } from "./options.ts";

const parse = (command: typeof drive, argv: string[], env: Record<string, string> = { WAYBILL_TOKEN: "a.b.c" }) => {
  const parsed = parseOptions(command.definition, argv, env);
  if (parsed.asks !== "run") throw new Error("asked for help");
  return parsed;
};

test("every command takes the hub's address and the token from flags or the environment", () => {
  for (const each of [publish, jobs]) {
    expect(parse(each, []).options).toMatchObject({ url: "http://127.0.0.1:3000", token: "a.b.c" });
    expect(parse(each, ["--url", "https://hub.example", "--token", "x"]).options).toMatchObject({ url: "https://hub.example", token: "x" });
    expect(() => parse(each, [], {})).toThrow("WAYBILL_TOKEN");
    expect(() => parse(each, ["--url", "ftp://hub"])).toThrow(UsageError);
  }
});

test("drive takes several tokens and zones, and times of the day as people write them", () => {
  const { options } = parse(drive, ["--zone", "north", "--zone", "south", "--offline-every", "2h"], { WAYBILL_TOKEN: "a.b.c,d.e.f" });
  expect(options).toMatchObject({ token: ["a.b.c", "d.e.f"], zone: ["north", "south"], offlineEveryMs: 7_200_000, speed: 60, carry: 3 });
  expect(() => parse(drive, [])).toThrow("--zone");
  expect(() => parse(drive, ["--zone", "NORTH"])).toThrow("lower-case letters");
});

test("replay takes a file from where the user stands, and a speed or max", () => {
  expect(parse(replay, ["orders.csv"])).toMatchObject({
    positionals: [join(process.cwd(), "orders.csv")],
    options: { speed: "max", utcOffset: "-03:00" },
  });
  expect(parse(replay, ["f", "--speed", "3600", "--utc-offset=+05:30"]).options).toMatchObject({ speed: 3_600, utcOffset: "+05:30" });
  expect(() => parse(replay, [])).toThrow("FILE");
  expect(() => parse(replay, ["f", "--speed", "0"])).toThrow("--speed");
  expect(() => parse(replay, ["f", "--utc-offset", "Brazil"])).toThrow("--utc-offset");
});

describe("a driver's name is read from its token", () => {
  const token = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;
  test("without asking whether the signature holds: the hub does", () => {
    expect(driverOf(token({ role: "driver", driver: "dana", stores: [] }))).toBe("dana");
  });
  test.each(["", "rubbish", "a.b.c", token({ role: "vendor", stores: ["acme"] }), token({ role: "driver", driver: "../../etc" })])(
    "%j is refused",
    (text) => {
      expect(() => driverOf(text)).toThrow(UsageError);
    },
  );
});
