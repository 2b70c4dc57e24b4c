import { type Admin, createAdmin } from "@waybill/client";
import { exitCodes } from "@waybill/options";
import type { AdminOptions } from "./admin-options.ts";
import { localToken } from "./local-token.ts";
import { createOutput, type Output } from "./output.ts";

/** What a command works with. */
export type AdminContext = { admin: Admin; out: Output; signal: AbortSignal };

/** Connects, works, disconnects. The work's exit code, or 0. Throws what the hub refuses. */
export async function withAdmin(
  options: AdminOptions,
  signal: AbortSignal,
  work: (context: AdminContext) => Promise<number | undefined> | Promise<void>,
): Promise<number> {
  const out = createOutput({
    json: options.json ?? process.stdout.isTTY !== true,
    stream: process.stdout,
    columns: process.stdout.columns,
  });
  await using admin = await createAdmin({ url: options.url, token: await tokenOf(options), answerMs: options.timeoutMs, signal });
  return (await work({ admin, out, signal })) ?? exitCodes.ok;
}

/** The one that was given, or one made with the local hub's key. Throws UsageError when there is neither. */
export const tokenOf = async ({ token, data }: AdminOptions): Promise<string> => token ?? (await localToken(data));
