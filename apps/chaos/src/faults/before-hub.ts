/**
 * Loaded before the hub, which knows nothing of it (`node --import`). SIGUSR2 keeps its event loop busy, as a computation in its own
 * process would, for the ms that a file names: unlike a stopped process its threads go on. And what Node compiled is kept for
 * the next life (NODE_COMPILE_CACHE), which a SIGKILL would prevent: a hub that starts a hundred times has more of the run.
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { isMainThread } from "node:worker_threads";

const COMPILED_MS = 2_000;

if (isMainThread) {
  process.on("SIGUSR2", () => {
    const untilMs = performance.now() + Number(readFileSync(process.env.WAYBILL_CHAOS_STALL ?? "", "utf8"));
    while (performance.now() < untilMs);
  });
  setTimeout(flushCompileCache, COMPILED_MS).unref();
}
