import { z } from "zod";
import { DEFAULT_TENANT, driverSchema, storeSchema, tenantSchema } from "./names.ts";

const TOKEN_ISSUER = "waybill";
const seconds = z.int().nonnegative();

const common = {
  /** Who it is, for the log and as the identity of a plain producer. */
  sub: z.string().min(1).max(128),
  tenant: tenantSchema.default(DEFAULT_TENANT),
  iss: z.literal(TOKEN_ISSUER),
  aud: z.literal(TOKEN_ISSUER),
  /** Seconds since 1970, by the wall clock: the one time that does not follow hub time. */
  iat: seconds,
  exp: seconds,
};

/**
 * What a signed token says. A driver's token names one driver: without it nobody could say who holds a job.
 * A vendor's names its stores; `*` is every store of the tenant, for tools such as the demo.
 */
export const tokenClaimsSchema = z.discriminatedUnion("role", [
  z.object({ ...common, role: z.literal("driver"), driver: driverSchema }),
  z.object({ ...common, role: z.literal("vendor"), stores: z.union([z.literal("*"), z.array(storeSchema).min(1).max(2_000)]) }),
  z.object({ ...common, role: z.literal("admin") }),
]);
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;

/** Whether the token speaks for this store. Drivers carry parcels of every store, but speak for none. */
export const speaksForStore = (claims: TokenClaims, store: string): boolean =>
  claims.role === "vendor" && (claims.stores === "*" || claims.stores.includes(store));
