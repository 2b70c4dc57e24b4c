import { expect, test } from "vitest";
import { speaksForStore, tokenClaimsSchema } from "./token-claims.ts";

const common = { sub: "dana", iss: "waybill", aud: "waybill", iat: 1, exp: 2 };
const driver = { ...common, role: "driver", driver: "dana" };
const vendor = { ...common, role: "vendor", stores: ["acme"] };

test("a token without a tenant is the default tenant's", () => {
  expect(tokenClaimsSchema.parse(driver).tenant).toBe("default");
  expect(tokenClaimsSchema.parse({ ...driver, tenant: "t2" }).tenant).toBe("t2");
});

test("claims that other issuers add are left out, not refused", () => {
  expect(tokenClaimsSchema.parse({ ...driver, jti: "x", nbf: 1 })).toEqual({ ...driver, tenant: "default" });
});

const bad: Record<string, unknown> = {
  "a driver's without a driver": { ...driver, driver: undefined },
  "a driver's for all drivers": { ...driver, driver: "*" },
  "a vendor's without stores": { ...vendor, stores: undefined },
  "a vendor's with no store": { ...vendor, stores: [] },
  "a vendor's with too many stores": { ...vendor, stores: Array.from({ length: 2_001 }, (_, i) => `s${i}`) },
  "a store named like a prototype": { ...vendor, stores: ["constructor"] },
  "another role": { ...driver, role: "root" },
  "another issuer": { ...driver, iss: "evil" },
  "another audience": { ...driver, aud: "evil" },
  "no expiry": { ...driver, exp: undefined },
  "a tenant with a colon": { ...driver, tenant: "a:b" },
};
test.each(Object.entries(bad))("refused: %s", (_, claims) => {
  expect(tokenClaimsSchema.safeParse(claims).success).toBe(false);
});

test("a vendor speaks for its stores, a tool for all, a driver for none", () => {
  const parse = (claims: unknown) => tokenClaimsSchema.parse(claims);
  expect(speaksForStore(parse(vendor), "acme")).toBe(true);
  expect(speaksForStore(parse(vendor), "rival")).toBe(false);
  expect(speaksForStore(parse({ ...vendor, stores: "*" }), "rival")).toBe(true);
  expect(speaksForStore(parse(driver), "acme")).toBe(false);
});
