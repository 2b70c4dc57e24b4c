import { createHmac, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { createTokens } from "./tokens.ts";

const secret = new Uint8Array(32).fill(1);
const nowMs = 1_800_000_000_000;
const nowSeconds = nowMs / 1_000;
const tokens = createTokens({ secret, wallMs: () => nowMs });
const good = {
  sub: "v",
  role: "vendor",
  tenant: "default",
  stores: ["acme-widgets"],
  iss: "waybill",
  aud: "waybill",
  iat: nowSeconds,
  exp: nowSeconds + 60,
};

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
function forge(header: object, payload: object, key: Uint8Array | string = secret): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
const hs256 = { alg: "HS256", typ: "JWT" };
const without = (key: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

test("what is signed is verified, for each role", async () => {
  const sign = (claims: Parameters<typeof tokens.sign>[0]) => tokens.sign(claims, 60_000).then(tokens.verify);
  const common = { tenant: "default", subject: "s", expMs: nowMs + 60_000 };
  expect(await sign({ role: "vendor", sub: "s", tenant: "default", stores: ["a", "b"] })).toEqual({
    ...common,
    role: "vendor",
    stores: ["a", "b"],
  });
  expect(await sign({ role: "vendor", sub: "s", tenant: "default", stores: "*" })).toEqual({ ...common, role: "vendor", stores: "*" });
  expect(await sign({ role: "driver", sub: "s", tenant: "default", driver: "d1" })).toEqual({
    ...common,
    role: "driver",
    driver: "d1",
    stores: [],
  });
  expect(await sign({ role: "admin", sub: "s", tenant: "default" })).toEqual({ ...common, role: "admin", stores: "*" });
});

test("a token that is forged by hand the right way is good, so the forgeries below fail for their own reason", async () => {
  expect(await tokens.verify(forge(hs256, good))).toMatchObject({ role: "vendor", stores: ["acme-widgets"] });
});

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const publicPem = publicKey.export({ type: "spki", format: "pem" });

test.each<[string, () => string | Promise<string>]>([
  ["empty", () => ""],
  ["no token", () => "not.a.token"],
  ["alg none", () => `${encode({ alg: "none", typ: "JWT" })}.${encode(good)}.`],
  ["alg None", () => `${encode({ alg: "None", typ: "JWT" })}.${encode(good)}.`],
  ["HS256 with an RSA public key as secret", () => forge(hs256, good, publicPem)],
  ["RS256", () => new SignJWT(good).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(privateKey)],
  [
    "HS512 with the right secret",
    () => new SignJWT(good).setProtectedHeader({ alg: "HS512", typ: "JWT" }).sign(new Uint8Array(64).fill(1)),
  ],
  ["another key", () => forge(hs256, good, new Uint8Array(32).fill(2))],
  ["its payload changed", () => forge(hs256, good).replace(encode(good), encode({ ...good, role: "admin" }))],
  ["another audience", () => forge(hs256, { ...good, aud: "other" })],
  ["another issuer", () => forge(hs256, { ...good, iss: "other" })],
  ["no expiry", () => forge(hs256, without("exp"))],
  ["an expiry that is text", () => forge(hs256, { ...good, exp: "tomorrow" })],
  ["expired this very second", () => forge(hs256, { ...good, exp: nowSeconds })],
  ["not valid before tomorrow", () => forge(hs256, { ...good, nbf: nowSeconds + 86_400 })],
  ["expired before it was issued", () => forge(hs256, { ...good, iat: nowSeconds + 61 })],
  ["no subject", () => forge(hs256, without("sub"))],
  ["another type of token", () => forge({ alg: "HS256", typ: "at+jwt" }, good)],
  ["no type", () => forge({ alg: "HS256" }, good)],
  ["a critical header", () => forge({ ...hs256, crit: ["exp"] }, good)],
  ["an unknown role", () => forge(hs256, { ...good, role: "root" })],
  ["a store that is no name", () => forge(hs256, { ...good, stores: ["__proto__"] })],
  ["a tenant that is no name", () => forge(hs256, { ...good, tenant: "../other" })],
  ["one byte too long", () => forge(hs256, { ...good, pad: "x".repeat(4_096) })],
  ["1 MB", () => "x".repeat(1_000_000)],
])("%s: refused, always in the same words", async (_name, make) => {
  const refused = tokens.verify(await make());
  await expect(refused.catch((error: Error) => error.cause)).resolves.toBeUndefined();
  await expect(refused).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    message: "The token is missing, malformed, expired or signed by another key; get a new one from the hub's operator.",
  });
});

test("a key id in the header names no file and no address: the one key is used", async () => {
  expect(await tokens.verify(forge({ ...hs256, kid: "../../dev/null", jku: "http://127.0.0.1:1/" }, good))).toMatchObject({
    role: "vendor",
  });
});

test("an issuer's clock may run a minute ahead", async () => {
  expect(await tokens.verify(forge(hs256, { ...good, iat: nowSeconds + 59, nbf: nowSeconds + 59 }))).toMatchObject({ subject: "v" });
});

test("a wall clock that is set back, by a minute or by a year, strands no token; one that is set forward ends those that expired", async () => {
  let wallMs = nowMs;
  const hub = createTokens({ secret, wallMs: () => wallMs });
  const token = await hub.sign({ role: "driver", sub: "s", tenant: "default", driver: "d1" }, 3_600_000);
  for (const backMs of [61_000, 3_600_000, 365 * 86_400_000]) {
    wallMs = nowMs - backMs;
    expect(await hub.verify(token)).toMatchObject({ driver: "d1", expMs: nowMs + 3_600_000 });
  }
  wallMs = nowMs + 3_600_000;
  await expect(hub.verify(token)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});
