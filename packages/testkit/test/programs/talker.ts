/** Says what it was started with, then a line per line of its stdin; SIGTERM ends it with code 7, unless it was told to be deaf. */
import { createInterface } from "node:readline";

const [mode] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

process.on("SIGTERM", () => {
  say({ msg: "term" });
  if (mode !== "deaf") process.exit(7);
});
if (mode === "crash") {
  process.stderr.write("the reason\n");
  process.exit(3);
}
process.stdout.write("no json\n");
say({ msg: "ready", pid: process.pid, args: process.argv.slice(2) });
// Also without a parent at the other end of stdin: who ends it must mean it.
if (mode === "deaf") setInterval(() => undefined, 60_000);
createInterface({ input: process.stdin }).on("line", (text) => say({ msg: "heard", text }));
