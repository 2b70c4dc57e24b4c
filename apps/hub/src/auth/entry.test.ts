import { expect, test } from "vitest";
import { createMayOpen, entryRefusal } from "./entry.ts";
import { createTokens, type Identity } from "./tokens.ts";

const tokens = createTokens({ secret: new Uint8Array(32).fill(7), wallMs: Date.now });
const driverOf = (tenant: string): Identity => ({ role: "driver", tenant, subject: "d", driver: "d", stores: [], expMs: 0 });

test.each([
  ["default", "/driver", false, true],
  ["acme", "/driver", false, true],
  ["acme", "/vendor", false, false],
  ["acme", "/acme/driver", false, false],
  ["default", "/driver", true, true],
  ["acme", "/driver", true, false],
  ["acme", "/acme/driver", true, true],
  ["acme", "/acme/vendor", true, false],
  ["acme", "/rival/driver", true, false],
])("a driver of %s, %s, own namespaces %s: enters %s", (tenant, name, hasOwn, enters) => {
  expect(entryRefusal(driverOf(tenant), name, hasOwn) === null).toBe(enters);
});

test("a namespace comes into being for a good token of its tenant, and for nothing else", async () => {
  const mayOpen = createMayOpen(tokens);
  const token = await tokens.sign({ sub: "d", tenant: "acme", role: "driver", driver: "d" }, 60_000);
  expect(await mayOpen("/acme/driver", { token })).toBe(true);
  for (const name of ["/rival/driver", "/acme/admin", "/acme/anything", "/driver"]) expect(await mayOpen(name, { token })).toBe(false);
  for (const auth of [undefined, {}, { token: "nonsense" }, { token: "x".repeat(5_000) }])
    expect(await mayOpen("/acme/driver", auth)).toBe(false);
});

test("keys that are away are no refusal", async () => {
  const mayOpen = createMayOpen({ ...tokens, verify: () => Promise.reject(new Error("the keys are away")) });
  await expect(mayOpen("/acme/driver", { token: "any" })).rejects.toThrow("the keys are away");
});
