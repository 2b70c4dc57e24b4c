import { parseOptions, UsageError } from "@waybill/options";
import { expect, test } from "vitest";
import { claimsOf } from "./token-main.ts";
import { tokenOptions } from "./token-options.ts";

function claims(...argv: string[]) {
  const parsed = parseOptions(tokenOptions, argv, {});
  if (parsed.asks !== "run") throw new Error("asked for help");
  return claimsOf(parsed.options);
}

test("each role's claims follow from its options", () => {
  const common = { tenant: "default" };
  expect(claims("--role", "vendor", "--store", "a", "--store", "b")).toEqual({
    ...common,
    role: "vendor",
    sub: "vendor-a",
    stores: ["a", "b"],
  });
  expect(claims("--role", "vendor", "--store", "*", "--subject", "demo")).toEqual({ ...common, role: "vendor", sub: "demo", stores: "*" });
  expect(claims("--role", "driver", "--driver", "d1", "--tenant", "t2")).toEqual({
    tenant: "t2",
    role: "driver",
    sub: "driver-d1",
    driver: "d1",
  });
  expect(claims("--role", "admin")).toEqual({ ...common, role: "admin", sub: "admin" });
});

test.each([
  ["a vendor without a store", ["--role", "vendor"], "--store"],
  ["a driver without a name", ["--role", "driver"], "--driver"],
  ["an admin with a store", ["--role", "admin", "--store", "a"], "--store"],
  ["a vendor with a driver", ["--role", "vendor", "--store", "a", "--driver", "d"], "--driver"],
  ["a store that can be no name", ["--role", "vendor", "--store", "Acme Widgets"], "--store"],
])("%s is refused by the flag's name", (_name, argv, flag) => {
  expect(() => claims(...argv)).toThrow(UsageError);
  expect(() => claims(...argv)).toThrow(flag);
});
