import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClaimsToSign } from "@waybill/testkit";

const YEAR_S = 365 * 86_400;
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * Signs with the hub's key: issued a year ago, good for twenty. The hub's wall clock jumps in both directions, and a token's
 * times are the one thing that follows it: one that is issued in the future is refused for good.
 */
export function signOldToken(dataDir: string, claims: ClaimsToSign): string {
  const key = Buffer.from(readFileSync(join(dataDir, "hub.key"), "utf8").trim(), "base64url");
  const nowS = Math.floor(Date.now() / 1_000);
  const payload = { tenant: "default", ...claims, iss: "waybill", aud: "waybill", iat: nowS - YEAR_S, exp: nowS + 20 * YEAR_S };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
