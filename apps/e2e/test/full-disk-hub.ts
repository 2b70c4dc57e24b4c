/**
 * A hub whose data folder is a disk of 32 MB that no other process sees. Starts itself again below `unshare -m` to get one.
 * `{"free":true}` on stdin makes room.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [folder = "", ...args] = process.argv.slice(2);
const own = fileURLToPath(import.meta.url);

if (process.env.WAYBILL_TEST_UNSHARED === undefined) {
  // Not a child but this very process, so that whoever kills it kills the hub.
  process.execve?.("/usr/bin/env", ["env", "unshare", "-m", process.execPath, own, folder, ...args], {
    ...process.env,
    WAYBILL_TEST_UNSHARED: "1",
  });
} else {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", folder]);
  const filler = `${folder}/filler`;
  execFileSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1M", "count=18"], { stdio: "ignore" });
  const commands = createInterface({ input: process.stdin });
  commands.on("line", () => rmSync(filler));
  process.on("SIGTERM", () => commands.close());
  process.argv.splice(2, process.argv.length, "--data", folder, ...args);
  await import(new URL("../../hub/bin/hub.js", import.meta.url).href);
}
