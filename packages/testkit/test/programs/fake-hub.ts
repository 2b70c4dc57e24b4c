/** Stands in for a hub: makes its key and says that it is ready, as the agreement between the programs has it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    data: { type: "string" },
    open: { type: "boolean" },
    log: { type: "string" },
    fail: { type: "boolean" },
    "ballast-mb": { type: "string" },
    drain: { type: "string" },
  },
});
if (values.fail) {
  process.stderr.write("the data folder is held\n");
  process.exit(4);
}
const data = values.data ?? "";
mkdirSync(data, { recursive: true });
const key = join(data, "hub.key");
if (!existsSync(key)) writeFileSync(key, Buffer.alloc(32, 7).toString("base64url"));
const { port } = values;
process.stdout.write(
  `${JSON.stringify({ level: "info", msg: "ready", url: `http://127.0.0.1:${port}`, dataDir: data, args: process.argv.slice(2) })}\n`,
);
setInterval(() => {}, 1_000);
