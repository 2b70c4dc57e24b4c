import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backup, HubError } from "@waybill/events";
import type { Storage } from "@waybill/storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBackups, nameOf } from "./backups.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "waybill-backups-")), "backups");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

const HUB_TIME_MS = 42_000;

/** A storage whose copies take as long as the test wants. */
function rig(fileBytes = 1_000) {
  const copies: { path: string; end: (error?: Error) => void }[] = [];
  const ended: Backup[] = [];
  const waiting: (() => void)[] = [];
  const timesAtCopy: (number | undefined)[] = [];
  const savedTimes: number[] = [];
  const storage = {
    info: { storageId: "s-1" },
    saveTime: async (nowMs: number) => void savedTimes.push(nowMs),
    stats: async () => ({ walBytes: 0, fileBytes }),
    backup: (path: string) =>
      new Promise((resolve, reject) => {
        writeFileSync(join(path, "waybill.db.part"), "half");
        timesAtCopy.push(savedTimes.at(-1));
        const end = (error?: Error) => {
          rmSync(join(path, "waybill.db.part"));
          if (error) return reject(error);
          writeFileSync(join(path, "waybill.db"), "whole");
          resolve({ events: 7, bytes: 5 });
        };
        copies.push({ path, end });
      }),
  } as unknown as Storage;
  const backups = createBackups({
    storage,
    folder,
    nowMs: () => HUB_TIME_MS,
    wallMs: () => Date.UTC(2026, 10, 26, 11, 4, 12),
    monotonicMs: () => 0,
    ended: (backup) => {
      ended.push(backup);
      waiting.shift()?.();
    },
  });
  const end = async (error?: Error) => {
    const told = new Promise<void>((resolve) => waiting.push(resolve));
    copies.shift()?.end(error);
    await told;
  };
  return { backups, copies, ended, end, timesAtCopy };
}

test("a backup is running until its copy is whole; one at a time; a name is used once", async () => {
  const { backups, end, ended } = rig();
  const begun = await backups.make("first");
  expect(begun).toMatchObject({ name: "first", state: "running", path: join(folder, "first"), bytesExpected: 1_000, events: null });
  expect(await backups.state("first")).toMatchObject({ state: "running", bytes: 4 });
  await expect(backups.make("second")).rejects.toMatchObject({ code: "BUSY", retry: "backoff" });
  expect(existsSync(join(folder, "second"))).toBe(false);
  await end();
  expect(ended).toMatchObject([{ name: "first", state: "done", events: 7, bytes: 5, storageId: "s-1" }]);
  expect(await backups.state("first")).toMatchObject({ state: "done", events: 7, bytes: 5 });
  await expect(backups.make("first")).rejects.toMatchObject({ code: "DATA_EXISTS", retry: "never" });
  await expect(backups.state("other")).rejects.toMatchObject({ code: "UNKNOWN_BACKUP" });
  expect(await backups.latest()).toMatchObject({ name: "first" });
});

test("a copy knows the hub time of its beginning", async () => {
  const { backups, end, timesAtCopy } = rig();
  await backups.make("first");
  await end();
  expect(timesAtCopy).toEqual([HUB_TIME_MS]);
});

test("without a name it is called by the time, so that names sort as times do", async () => {
  const { backups } = rig();
  expect(await backups.make(undefined)).toMatchObject({ name: "20261126-110412" });
  expect(nameOf(0)).toBe("19700101-000000");
});

test("one that fails leaves nothing, is told with its error, and its name is free again", async () => {
  const { backups, end } = rig();
  await backups.make("full");
  await end(new HubError("STORAGE_FULL", "The disk is full."));
  expect(await backups.state("full")).toMatchObject({ state: "failed", error: { code: "STORAGE_FULL" } });
  expect(existsSync(join(folder, "full"))).toBe(false);
  expect(await backups.latest()).toBeNull();
  await backups.make("full");
  await end();
  expect(await backups.list()).toMatchObject({ backups: [{ name: "full", state: "done" }], more: false });
});

test("nothing is begun where there is no room for it", async () => {
  const { backups, copies } = rig(Number.MAX_SAFE_INTEGER / 2);
  await expect(backups.make("huge")).rejects.toMatchObject({ code: "STORAGE_FULL" });
  expect([copies.length, existsSync(join(folder, "huge"))]).toEqual([0, false]);
});

test("what a hub left that died meanwhile is told as unfinished, and made anew under its name; other things are left alone", async () => {
  const { backups } = rig();
  mkdirSync(join(folder, "broken"), { recursive: true });
  writeFileSync(join(folder, "broken", "waybill.db.part"), "half");
  mkdirSync(join(folder, "mine"));
  writeFileSync(join(folder, "mine", "letter.txt"), "dear");
  mkdirSync(join(folder, "NOT A NAME"));
  expect((await backups.list()).backups).toMatchObject([{ name: "broken", state: "unfinished", bytes: 4 }]);
  await expect(backups.make("mine")).rejects.toMatchObject({ code: "DATA_EXISTS" });
  expect(await backups.make("broken")).toMatchObject({ state: "running" });
});
