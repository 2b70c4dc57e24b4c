import { isIP } from "node:net";
import { UsageError } from "@waybill/options";

/** Addresses that no router of the internet passes on. */
const privateAddresses = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^::1$/,
  /^f[cd][0-9a-f]{2}:/i,
  /^fe[89ab][0-9a-f]:/i,
];

/** Old clients bring no token: whoever reaches the port may speak for every store that is named. So it is not for everybody to reach. */
export function assertCapsHostAllowed(host: string, isPublicAllowed: boolean): void {
  if (isPublicAllowed || host === "localhost") return;
  if (isIP(host) !== 0 && privateAddresses.some((pattern) => pattern.test(host))) return;
  throw new UsageError(
    [
      `--caps-host: ${host} is refused, for it is not an address of this machine or of a private network alone, and old clients have no tokens.`,
    ],
    "Name a private address, such as 10.0.0.5; or add --caps-public, if something else keeps strangers away.",
  );
}
