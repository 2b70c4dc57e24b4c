/**
 * The hub's data folder as a disk of its own, which can be full: a tmpfs that shrinks to what is in it, and grows again. It
 * lives in a mount namespace that only this run sees.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export type SmallDisk = {
  readonly path: string;
  full(lastsMs: number): Promise<void>;
};

const SIZE_MB = 4_096;
const SPARE_KB = [4, 16, 64, 256, 512, 1_024];
const UNSHARED = "WAYBILL_CHAOS_UNSHARED";

/** `null`: disks can be made here. Otherwise what is missing. */
export function whyNoSmallDisk(): string | null {
  const tried = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()]);
  return tried.status === 0 ? null : "needs Linux, root, and unshare -m with tmpfs";
}

/** True: this process may mount, and nobody else sees it. */
export const isUnshared = (): boolean => process.env[UNSHARED] !== undefined;

/** Runs this very program again, where mounts are its own; resolves with its exit code. */
export function runUnshared(): Promise<number> {
  const child = spawn("unshare", ["-m", process.execPath, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [UNSHARED]: "1" },
  });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGTERM", pass);
  process.on("SIGINT", pass);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

export function mountSmallDisk(path: string): SmallDisk {
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MB}m`, "tmpfs", path]);
  let complaint = "";
  function resize(size: string): boolean {
    const { status, stderr } = spawnSync("mount", ["-o", `remount,size=${size}`, path], { encoding: "utf8" });
    if (status !== 0) complaint = stderr.trim();
    return status === 0;
  }

  /** The hub may write between the look and the deed: then there is too much in it for that size. */
  function shrink(): void {
    for (const spareKb of SPARE_KB) {
      const { blocks, bfree, bsize } = statfsSync(path);
      if (resize(`${Math.ceil(((blocks - bfree) * bsize) / 1_024) + spareKb}k`)) return;
    }
    throw new Error(`The disk at ${path} could not be made full: ${complaint}`);
  }

  return {
    path,
    async full(lastsMs) {
      shrink();
      await sleep(lastsMs);
      if (!resize(`${SIZE_MB}m`)) throw new Error(`The disk at ${path} could not be given its room back: ${complaint}`);
    },
  };
}

export function unmountSmallDisk({ path }: SmallDisk): void {
  spawnSync("umount", ["-l", path]); // A disk that is gone already hides no error of the run.
}
