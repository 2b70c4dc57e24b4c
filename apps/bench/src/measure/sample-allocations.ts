/**
 * Loaded into a process (`--import …?folder=DIR`) that is to say at its end where it allocated, what was collected included. The main thread only:
 * that is where events become objects. The file opens in a browser's developer tools.
 */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { basename, join } from "node:path";
import { isMainThread } from "node:worker_threads";

const SAMPLED_EVERY_BYTES = 16_384;

if (isMainThread) {
  const folder = new URL(import.meta.url).searchParams.get("folder") ?? ".";
  const session = new Session();
  session.connect();
  session.post("HeapProfiler.startSampling", {
    samplingInterval: SAMPLED_EVERY_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  process.on("exit", () => {
    session.post("HeapProfiler.stopSampling", (error, sampled) => {
      const file = join(folder, `${basename(process.argv[1] ?? "node")}.${process.pid}.heapprofile`);
      if (error === null) writeFileSync(file, JSON.stringify(sampled.profile));
    });
  });
}
