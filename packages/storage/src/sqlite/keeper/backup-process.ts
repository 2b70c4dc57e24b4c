/**
 * `node backup-process.ts FROM TO`: copies one data folder into the other, and prints the answer as a line of JSON. The copying is
 * one step that no thread can be told to leave: it has a thread of its own here, so that this process hears when the hub that
 * asked for it is gone, and ends with it.
 */
import { Worker } from "node:worker_threads";
import type { BackupOptions } from "./backup-worker.ts";

const [from = "", to = ""] = process.argv.slice(2);
const workerData: BackupOptions = { from, to };
const worker = new Worker(new URL("./backup-worker.ts", import.meta.url), { workerData });
worker.once("message", (answer: unknown) => {
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
});
// Nothing is ever written to it: it ends when the hub does.
process.stdin.once("end", () => process.kill(process.pid, "SIGKILL")).resume();
