/** Older Socket.IO clients. They have holes that later versions have mended, which is no harm to a run on this machine, and would be to everybody's lock. */
import { fileURLToPath } from "node:url";
import { UsageError } from "@waybill/options";
import { sidePackages } from "@waybill/testkit";

export const strangers = sidePackages(fileURLToPath(new URL("../../strangers", import.meta.url)), "older clients");

/** The first time this needs a network. Throws a UsageError where there is none. */
export async function installStrangers(say: (text: string) => void): Promise<void> {
  try {
    await strangers.install(say);
  } catch (error) {
    const said = error instanceof Error ? error.message.trim() : String(error);
    const todo = `Run npm ci in ${strangers.folder} where a registry of npm can be reached, or leave --old-clients out.`;
    throw new UsageError([`--old-clients: older clients cannot be installed. ${todo}`], said);
  }
}
