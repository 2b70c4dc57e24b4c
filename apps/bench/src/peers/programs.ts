/** Servers of other brokers: each started here, on a free port of loopback and in a folder of its own, and ended by its pid. */
import { accessSync, constants } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "@waybill/testkit";
import { groupCpuUs } from "../measure/cpu.ts";
import { memoryMb } from "../measure/memory.ts";

const READY_MS = 120_000;
const LOOK_MS = 100;
/** Servers are often kept where only root looks. */
const FURTHER_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/lib/rabbitmq/bin"];

/** The path of an installed program. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...FURTHER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For `Peer.missing`: a program that comes with a package of the system. */
export const missingProgram = (name: string, apt: string) => async (): Promise<string | null> =>
  findProgram(name) === null ? `${name} is not installed: apt-get install ${apt}` : null;

export function programOf(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not installed.`);
  return path;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Resolves when somebody listens there. */
export async function untilListening(port: number): Promise<void> {
  for (const untilMs = performance.now() + READY_MS; performance.now() < untilMs; await sleep(LOOK_MS)) if (await isListening(port)) return;
  throw new Error(`Nobody listens on port ${port} after ${READY_MS / 1_000} s.`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.on("connect", answer(true)).on("error", answer(false));
  });
}

/** What is measured of a server's process. */
export const measuresOf = ({ pid }: Program) => ({ pid, cpuUs: () => groupCpuUs(pid), memoryMb: () => memoryMb(pid) });
