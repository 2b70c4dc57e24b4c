/**
 * Backups of the running hub, in the folder that its operator set: a name is a word, and no admin chooses a path.
 *
 *   running    – the storage is being copied; one at a time.                      → done, or → failed
 *   done       – whole, with `backup.json` beside it, which is written last.
 *   failed     – nothing is left of it; it is remembered until the hub ends.
 *   unfinished – the hub died meanwhile. The next backup of that name begins anew.
 */
import { mkdir, readdir, readFile, rmdir, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Backup, backupNameSchema, HubError, parseJson, toHubError } from "@waybill/events";
import type { Storage } from "@waybill/storage";
import { z } from "zod";

const NOTE = "backup.json";
const LISTED_MAX = 200;
/** Room that must be left on the disk beside the copy. */
const MARGIN_BYTES = 33_554_432;
/** What a copy that was broken off leaves. */
const isLeftover = (name: string): boolean => /\.part(?:-journal)?$/.test(name);

const noteSchema = z.object({
  startedAtMs: z.int(),
  seconds: z.number(),
  bytes: z.int(),
  events: z.int(),
  storageId: z.string(),
});

export type Backups = {
  readonly folder: string;
  /** Resolves when it has begun. Throws BUSY, DATA_EXISTS, STORAGE_FULL (there is no room for it) and STORAGE_FAILED. */
  make(name: string | undefined): Promise<Backup>;
  /** Throws UNKNOWN_BACKUP. */
  state(name: string): Promise<Backup>;
  list(): Promise<{ backups: Backup[]; more: boolean }>;
  /** The latest that is done. */
  latest(): Promise<Backup | null>;
};

export type BackupParts = {
  storage: Storage;
  folder: string;
  /** Hub time. */
  nowMs: () => number;
  wallMs: () => number;
  monotonicMs?: () => number;
  /** What became of one, for the log. */
  ended(backup: Backup): void;
};

export function createBackups(parts: BackupParts): Backups {
  const { storage, folder, nowMs, wallMs, ended, monotonicMs = () => performance.now() } = parts;
  let running: Backup | null = null;
  const failed = new Map<string, Backup>();
  const { storageId } = storage.info;

  const run = async (backup: Backup): Promise<void> => {
    const bornMs = monotonicMs();
    const seconds = () => Math.round((monotonicMs() - bornMs) / 100) / 10;
    try {
      const { events, bytes } = await storage.backup(backup.path);
      const note = { startedAtMs: backup.startedAtMs, seconds: seconds(), bytes, events, storageId };
      await writeFile(join(backup.path, NOTE), `${JSON.stringify(note)}\n`, { flush: true });
      ended({ ...backup, ...note, state: "done" });
    } catch (error) {
      await rmdir(backup.path).catch(() => {}); // Unless something else is in it.
      const gone: Backup = { ...backup, state: "failed", seconds: seconds(), error: toHubError(error).toBody() };
      failed.set(backup.name, gone);
      ended(gone);
    } finally {
      running = null;
    }
  };

  const find = async (name: string): Promise<Backup | null> => {
    const path = join(folder, name);
    if (running?.name === name) return { ...running, bytes: await bytesIn(path) };
    const found = await readdir(path).catch(absent);
    if (found?.includes(NOTE)) {
      const note = noteSchema.parse(parseJson(await readFile(join(path, NOTE)), `${NOTE} of backup ${name}`));
      return { ...note, name, path, state: "done", bytesExpected: note.bytes };
    }
    const gone = failed.get(name);
    if (gone) return gone;
    if (!found?.some(isLeftover)) return null;
    const { mtimeMs } = await stat(path);
    const bytes = await bytesIn(path);
    return {
      name,
      path,
      state: "unfinished",
      startedAtMs: Math.floor(mtimeMs),
      seconds: 0,
      bytes,
      bytesExpected: 0,
      events: null,
      storageId,
    };
  };

  return {
    folder,
    async make(name = nameOf(wallMs())) {
      const path = join(folder, name);
      const { walBytes, fileBytes } = await storage.stats();
      const begun: Backup = {
        name,
        state: "running",
        path,
        startedAtMs: wallMs(),
        seconds: 0,
        bytes: 0,
        bytesExpected: fileBytes + walBytes,
        events: null,
        storageId,
      };
      if (running) throw new HubError("BUSY", `The backup ${running.name} is being made; one at a time.`);
      running = begun;
      try {
        await makeFolder(path, name);
        await checkRoom(folder, begun.bytesExpected);
        // It is saved once a second only: the copy of a young hub would not know its hub time.
        await storage.saveTime(nowMs());
      } catch (error) {
        running = null;
        await rmdir(path).catch(() => {});
        throw error;
      }
      failed.delete(name);
      void run(begun);
      return begun;
    },
    async state(name) {
      const found = await find(name);
      if (!found) throw new HubError("UNKNOWN_BACKUP", `There is no backup "${name}" in ${folder}.`);
      return found;
    },
    async list() {
      const backups = await all();
      return { backups: backups.slice(0, LISTED_MAX), more: backups.length > LISTED_MAX };
    },
    latest: async () => (await all()).find(({ state }) => state === "done") ?? null,
  };

  async function all(): Promise<Backup[]> {
    const names = ((await readdir(folder).catch(absent)) ?? []).filter((name) => backupNameSchema.safeParse(name).success);
    const known = new Set([...names, ...failed.keys()]);
    const found = await Promise.all([...known].map(find));
    return found.flatMap((one) => one ?? []).sort((a, b) => b.startedAtMs - a.startedAtMs);
  }
}

/** `20261126-110412`, in UTC: the time sorts as the name does. */
export const nameOf = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");

async function makeFolder(path: string, name: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).every(isLeftover)) return;
  } catch (error) {
    throw new HubError("STORAGE_FAILED", `The folder ${path} cannot be made: ${String(error)}`, { cause: error });
  }
  throw new HubError("DATA_EXISTS", `There is a backup "${name}" already, or another thing in ${path}. Choose another name.`);
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + MARGIN_BYTES) return;
  const mb = (count: number): string => `${Math.ceil(count / 1_048_576)} MB`;
  throw new HubError(
    "STORAGE_FULL",
    `The backup needs about ${mb(bytes)}, and the disk with ${folder} has ${mb(free)} left. Nothing was begun.`,
  );
}

async function bytesIn(path: string): Promise<number> {
  const names = (await readdir(path).catch(absent)) ?? [];
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** No folder: nothing in it. */
const absent = (error: unknown): undefined => {
  if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))) throw error;
};
