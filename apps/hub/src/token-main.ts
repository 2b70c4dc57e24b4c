import { namespaces } from "@waybill/events";
import { command, UsageError } from "@waybill/options";
import { loadKey } from "./auth/keys.ts";
import { type ClaimsToSign, createTokens } from "./auth/tokens.ts";
import { type TokenOptions, tokenOptions } from "./token-options.ts";

/** `npm run token`: the token on standard output and nothing else; on a terminal, what to do with it on standard error. */
export const token = command(tokenOptions, async ({ options, env }) => {
  const claims = claimsOf(options);
  const { secret } = await loadKey({ keyText: env.WAYBILL_KEY, keyFile: options.keyFile, dataDir: options.data });
  const signed = await createTokens({ secret, wallMs: Date.now }).sign(claims, options.ttl);
  process.stdout.write(`${signed}\n`);
  if (process.stderr.isTTY) process.stderr.write(advice(claims, new Date(Date.now() + options.ttl)));
});

/** Throws a UsageError when the options do not fit the role. */
export function claimsOf({ role, store, driver, subject, tenant }: TokenOptions): ClaimsToSign {
  const faults = [
    ...(role === "vendor" && store.length === 0 ? ["A vendor's token names its stores: --store ID, or --store '*' for all."] : []),
    ...(role !== "vendor" && store.length > 0 ? [`--store belongs to a vendor's token, not to a ${role}'s.`] : []),
    ...(role === "driver" && driver === undefined ? ["A driver's token names the driver: --driver ID."] : []),
    ...(role !== "driver" && driver !== undefined ? [`--driver belongs to a driver's token, not to a ${role}'s.`] : []),
  ];
  if (faults.length > 0) throw new UsageError(faults, `All options: ${tokenOptions.usage} --help`);
  const stores = store.includes("*") ? "*" : store;
  switch (role) {
    case "vendor":
      return { role, tenant, sub: subject ?? `vendor-${stores === "*" ? "all" : (stores[0] ?? "")}`, stores };
    case "driver":
      return { role, tenant, sub: subject ?? `driver-${driver ?? ""}`, driver: driver ?? "" };
    case "admin":
      return { role, tenant, sub: subject ?? "admin" };
  }
}

function advice({ role, sub }: ClaimsToSign, until: Date): string {
  return `This is ${sub}, until ${until.toISOString()}. Whoever has it is ${sub}: keep it secret.
Connect with it: io("http://localhost:3000${namespaces[role]}", { auth: { token } })
`;
}
