/**
 * One holder of a file, among processes of one machine. A lock is a file `<path>.lock.<n>` that names its holder's
 * process. Whoever finds the highest one's holder dead makes the next: `link` makes it in one step, with what it says,
 * and only for one. A lock that seems won is given back when any other one is alive: two that race may both lose,
 * never both win.
 */
import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { HubError } from "@waybill/events";
import { isMissing } from "./append-log.ts";

type Holder = { pid: number; born: string };

/** Resolves with the function that releases the lock. Rejects with OUTBOX_HELD, naming the holder's process. */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const folder = dirname(resolve(path));
  const prefix = `${basename(path)}.lock.`;
  const others = await locksIn(folder, prefix);
  const alive = await firstAlive(folder, others);
  if (alive !== null) throw held(path, alive);
  const highest = Math.max(0, ...others.map((name) => Number(name.slice(prefix.length))));
  const mine = `${prefix}${highest + 1}`;
  if (!(await make(folder, mine))) throw held(path, await holderOf(join(folder, mine)));
  const rival = await firstAlive(
    folder,
    (await locksIn(folder, prefix)).filter((name) => name !== mine),
  );
  if (rival !== null) {
    await rm(join(folder, mine), { force: true });
    throw held(path, rival);
  }
  for (const name of others) await rm(join(folder, name), { force: true });
  return () => rm(join(folder, mine), { force: true });
}

async function make(folder: string, name: string): Promise<boolean> {
  const draft = join(folder, `${name}-${randomUUID()}`);
  const holder: Holder = { pid: process.pid, born: (await bornOf(process.pid)) ?? "" };
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, join(folder, name));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function locksIn(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
}

async function firstAlive(folder: string, names: readonly string[]): Promise<Holder | null> {
  for (const name of names) {
    const holder = await holderOf(join(folder, name));
    if (holder !== null && (await isAlive(holder))) return holder;
  }
  return null;
}

/** `null`: released meanwhile, or nothing that we wrote. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("born" in value)) return null;
    return typeof value.pid === "number" && typeof value.born === "string" ? { pid: value.pid, born: value.born } : null;
  } catch (error) {
    // Not read for a fault of the disk, it may be somebody's all the same.
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function isAlive({ pid, born }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = await bornOf(pid);
  return now === null || born === "" || now === born;
}

/**
 * Which start of the machine, and which tick of it: a process number is given again, this is not. `dead`: it has ended and is not
 * yet taken away by its parent. `null`: this system does not tell.
 */
async function bornOf(pid: number): Promise<string | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything; the state and the start, the 20th behind it, come after its last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "dead";
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

function held(path: string, holder: Holder | null): HubError {
  const by = holder === null ? "another process" : `process ${holder.pid}`;
  return new HubError(
    "OUTBOX_HELD",
    `${path} is held by ${by}: an outbox belongs to one process. Stop that one, or give this one a file of its own.`,
  );
}
