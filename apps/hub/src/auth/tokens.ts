import { HubError, limits, type Role, type TokenClaims, tokenClaimsSchema } from "@waybill/events";
import { errors, jwtVerify, SignJWT } from "jose";

const ALGORITHM = "HS256";
const PARTY = "waybill";
/** Clocks of issuers may run ahead by that much (`nbf`); an expiry is an expiry. */
const SKEW_SECONDS = 60;

/** Who is at the other end, from a verified token alone. Sets `socket.data.identity`. */
export type Identity = {
  role: Role;
  tenant: string;
  /** For the log, and the identity of a plain producer. */
  subject: string;
  /** Only of a driver's token. */
  driver?: string;
  /** Of a vendor's token; `*`: every store of the tenant. */
  stores: readonly string[] | "*";
  /** By the wall clock. */
  expMs: number;
};

type Unsigned<C> = C extends TokenClaims ? Omit<C, "iss" | "aud" | "iat" | "exp"> : never;
/** What a token is made of; who signs it and when is added. */
export type ClaimsToSign = Unsigned<TokenClaims>;

export type Tokens = {
  sign(claims: ClaimsToSign, ttlMs: number): Promise<string>;
  /** Throws UNAUTHORIZED, always with the same words: what is wrong with a forged token is nobody's business. */
  verify(token: string): Promise<Identity>;
};

export function createTokens(options: { secret: Uint8Array; wallMs: () => number }): Tokens {
  const { secret, wallMs } = options;
  const nowSeconds = () => Math.floor(wallMs() / 1_000);
  /** Imported once: a thousand phones that come back at once would have it imported as often, each time in another thread. */
  const importing = crypto.subtle.importKey("raw", Uint8Array.from(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  importing.catch(() => {}); // Told to whoever signs or verifies.

  const verified = async (token: string): Promise<TokenClaims> => {
    if (Buffer.byteLength(token) > limits.tokenBytesMax) throw unauthorized();
    const { payload } = await jwtVerify(token, await importing, {
      algorithms: [ALGORITHM],
      issuer: PARTY,
      audience: PARTY,
      typ: "JWT",
      requiredClaims: ["exp", "iat", "sub"],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(wallMs()),
    });
    const claims = tokenClaimsSchema.parse(payload);
    // Not `iat` against the clock: where the hub's is set back, every token of the last hours would be one of the future,
    // and a refusal is final for a fleet. Until when a token is good says `exp`; from when on, where its issuer cares, `nbf`.
    if (claims.exp * 1_000 <= wallMs() || claims.exp <= claims.iat) throw unauthorized();
    return claims;
  };

  return {
    sign: async ({ sub, ...claims }, ttlMs) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
        .setSubject(sub)
        .setIssuer(PARTY)
        .setAudience(PARTY)
        .setIssuedAt(nowSeconds())
        .setExpirationTime(nowSeconds() + Math.ceil(ttlMs / 1_000))
        .sign(await importing),
    async verify(token) {
      try {
        return identityOf(await verified(token));
      } catch (error) {
        if (isForged(error)) throw unauthorized();
        throw error;
      }
    },
  };
}

/** Everything but a fault of our own. */
const isForged = (error: unknown) => error instanceof errors.JOSEError || error instanceof HubError || isZodError(error);
const isZodError = (error: unknown) => error instanceof Error && error.name === "ZodError";

const unauthorized = () =>
  new HubError("UNAUTHORIZED", "The token is missing, malformed, expired or signed by another key; get a new one from the hub's operator.");

function identityOf(claims: TokenClaims): Identity {
  const common = { tenant: claims.tenant, subject: claims.sub, expMs: claims.exp * 1_000 };
  switch (claims.role) {
    case "driver":
      return { ...common, role: "driver", driver: claims.driver, stores: [] };
    case "vendor":
      return { ...common, role: "vendor", stores: claims.stores };
    case "admin":
      return { ...common, role: "admin", stores: "*" };
  }
}
