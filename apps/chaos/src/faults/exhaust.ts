/** The hub runs short of something: of readers, of time, of descriptors, of connections. Of memory it is short in the whole run. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningHub } from "@waybill/testkit";
import { io } from "socket.io-client";
import type { WorkerConfig } from "../workers/worker-config.ts";
import { neverRead } from "./never-reads.ts";

export type Exhaustion = {
  hub: RunningHub;
  /** Where a stall's length is told. */
  stallFile: string;
  /** A vendor's process, as which it is done. */
  vendor: WorkerConfig;
  lastsMs: number;
};

const IDLE_SOCKETS = 200;
const FILES_MS = 200;

export async function exhaust(what: string, { hub, stallFile, vendor, lastsMs }: Exhaustion): Promise<void> {
  switch (what) {
    case "never-reads":
      return neverRead(hub.url, vendor, lastsMs);
    case "idle-sockets":
      return idle(hub.url, vendor, lastsMs);
    case "few-files":
      return withFewFiles(hub.program.pid, lastsMs);
    case "stall":
      writeFileSync(stallFile, String(lastsMs));
      hub.program.signal("SIGUSR2");
      await sleep(lastsMs);
      return;
    default:
      throw new TypeError(`Nothing is exhausted by ${what}.`);
  }
}

/** Hundreds of sockets that are let in, and then say nothing. */
async function idle(url: string, { vendors }: WorkerConfig, lastsMs: number): Promise<void> {
  const [seat] = vendors;
  const sockets = Array.from({ length: IDLE_SOCKETS }, () =>
    io(`${url}/vendor`, { auth: { token: seat?.token }, transports: ["websocket"], reconnection: false, forceNew: true }),
  );
  await sleep(lastsMs);
  for (const socket of sockets) socket.disconnect();
}

/** No descriptor is free any more: what is open goes on, what would be opened is refused by the system. What is closed meanwhile is gone too. */
async function withFewFiles(pid: number, lastsMs: number): Promise<void> {
  const untilMs = performance.now() + lastsMs;
  let usual = "";
  try {
    usual = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? "";
    for (let limit = -1; performance.now() < untilMs; await sleep(FILES_MS)) {
      const free = lowestFree(pid);
      if (free !== limit) setFilesMax(pid, free);
      limit = free;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  setFilesMax(pid, usual);
}

/** The limit is on the number, and the system takes the lowest free one. */
function lowestFree(pid: number): number {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let free = 0;
  while (open.has(free)) free++;
  return free;
}

const setFilesMax = (pid: number, filesMax: number | string) => void spawnSync("prlimit", ["--pid", String(pid), `--nofile=${filesMax}:`]);

/** The process was killed just now. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");
