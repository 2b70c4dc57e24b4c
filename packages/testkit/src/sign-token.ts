import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TokenClaims } from "@waybill/events";

type Unsigned<C> = C extends TokenClaims ? Omit<C, "iss" | "aud" | "iat" | "exp" | "tenant"> & { tenant?: string } : never;
export type ClaimsToSign = Unsigned<TokenClaims>;
export type TokenSigner = (claims: ClaimsToSign, options?: { ttlMs?: number }) => string;

const DAY_MS = 86_400_000;
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * Signs as the hub does, with the key in its data folder: for runs with thousands of clients, where a process per token
 * would take minutes. The hub must have started once.
 */
export function createTokenSigner(dataDir: string): TokenSigner {
  const key = Buffer.from(readFileSync(join(dataDir, "hub.key"), "utf8").trim(), "base64url");
  return (claims, { ttlMs = DAY_MS } = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    const payload = { tenant: "default", ...claims, iss: "waybill", aud: "waybill", iat: now, exp: now + Math.ceil(ttlMs / 1_000) };
    const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  };
}
