import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runToEnd } from "@waybill/testkit";
import { startTestHub, type TestHub } from "./test-hub.ts";

const script = fileURLToPath(new URL("../../hub/test/trimmed-folder.ts", import.meta.url));

/** Made by the first who asks; the others copy it. */
let made: Promise<string> | undefined;

async function make(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "waybill-trimmed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { code, stderr } = await runToEnd(script, [folder], { env: process.env });
  if (code !== 0) throw new Error(stderr);
  return folder;
}

/** A hub whose queue `store/acme` has 100 events, of which 1 to 48 were trimmed; group main has settled 60. Its folder goes with it. */
export async function startTrimmedHub(): Promise<TestHub> {
  made ??= make();
  const dataDir = mkdtempSync(join(tmpdir(), "waybill-trimmed-"));
  cpSync(await made, dataDir, { recursive: true });
  const hub = await startTestHub({ dataDir, args: ["--ballast-mb", "1"] });
  return {
    ...hub,
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true });
    },
  };
}
