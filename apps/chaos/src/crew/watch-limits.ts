/** What the hub's process holds, looked at twice a second, through all faults: memory, files, write-ahead log. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export type Peaks = { rssMb: number; files: number; walMb: number };

/** Several times what a healthy run has; far below what a leak comes to. Of the files 200 are idle sockets (F14), and 200 those before them, whose end a stopped hub has not seen. */
export const peaksMax: Peaks = { rssMb: 800, files: 500, walMb: 96 };

const LOOK_MS = 500;
const PAGE_BYTES = 4_096;
const MB = 1_048_576;

export function watchLimits({ pid, dataDir }: { pid: () => number; dataDir: string }): { readonly peaks: Peaks; stop(): void } {
  const peaks: Peaks = { rssMb: 0, files: 0, walMb: 0 };
  const look = () => {
    try {
      const pages = Number(readFileSync(`/proc/${pid()}/statm`, "utf8").split(" ")[1]);
      peaks.rssMb = Math.max(peaks.rssMb, Math.round((pages * PAGE_BYTES) / MB));
      peaks.files = Math.max(peaks.files, readdirSync(`/proc/${pid()}/fd`).length);
      const wals = readdirSync(dataDir).filter((name) => name.endsWith("-wal"));
      for (const name of wals) peaks.walMb = Math.max(peaks.walMb, Math.round(statSync(join(dataDir, name)).size / MB));
    } catch {
      // Between two lives.
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return { peaks, stop: () => clearInterval(timer) };
}
