import {
  appendFileSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { AppendLog } from "./append-log.ts";
import { fileOutbox } from "./file-outbox.ts";
import type { Entry } from "./ledger.ts";
import { newEntry } from "./new-entry.ts";
import type { Outbox } from "./outbox.ts";

afterEach(() => void vi.restoreAllMocks());

const refusal = { code: "FORBIDDEN", retry: "never", message: "no" } as const;

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "outbox.log");
}

function entry(id: string, store = "acme", text = "hello"): Entry {
  return newEntry({ type: "message", parcel: "p1", store, id, data: { text } });
}

async function opened(path: string): Promise<{ outbox: Outbox; ledger: Awaited<ReturnType<Outbox["open"]>> }> {
  const outbox = fileOutbox(path);
  const ledger = await outbox.open();
  onTestFinished(() => outbox.close());
  return { outbox, ledger };
}

const idsOf = (ledger: { lanes: Map<string, { entries(): Entry[] }> }, queue = "store/acme"): (string | null)[] =>
  (ledger.lanes.get(queue)?.entries() ?? []).map(({ body, event }) => (body === null ? null : event.id));

test("what was put is there after a crash, with its numbers; the incarnation is raised", async () => {
  const path = newPath();
  const { outbox, ledger } = await opened(path);
  await Promise.all([outbox.put([entry("e1"), entry("e2")]), outbox.put([entry("z1", "zoo")]), outbox.put([entry("e3")])]);
  await outbox.refuse("store/acme", 2, refusal);
  outbox.confirm("store/acme", 1);
  outbox.remember("storage-1");
  await outbox.put([entry("e4")]);
  const copy = `${path}.crashed`; // As the disk is now.
  copyFileSync(path, copy);
  const after = await opened(copy);
  expect(after.ledger).toMatchObject({
    producer: ledger.producer,
    incarnation: ledger.incarnation + 1,
    storageId: "storage-1",
    pending: 4,
  });
  expect(idsOf(after.ledger)).toEqual([null, "e3", "e4"]);
  expect(after.ledger.lane("store/acme")).toMatchObject({ confirmedTo: 1, assignedTo: 4 });
  expect(idsOf(after.ledger, "store/zoo")).toEqual(["z1"]);
  expect(after.ledger.refused).toMatchObject([{ event: { id: "e2" }, error: refusal }]);
  expect((await opened(`${copy}`).catch((error: unknown) => error)) as object).toMatchObject({ code: "OUTBOX_HELD" });
});

test("a text of more bytes than characters is there after a crash, whatever stands around it", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  await outbox.put([entry("e1", "acme", "Tür 3, 2. Stock 🚚"), entry("e2", "acme", 'a "quoted" \n line\u2028')]);
  copyFileSync(path, `${path}.crashed`);
  const { ledger } = await opened(`${path}.crashed`);
  const texts = ledger.lane("store/acme").entries();
  expect(texts.map(({ event }) => event.data)).toEqual([{ text: "Tür 3, 2. Stock 🚚" }, { text: 'a "quoted" \n line\u2028' }]);
});

test("the incarnation rises with each opening, and what was taken of `refused` stays taken", async () => {
  const path = newPath();
  for (const incarnation of [1, 2, 3]) {
    const { outbox, ledger } = await opened(path);
    expect(ledger.incarnation).toBe(incarnation);
    await outbox.put([entry(`e${incarnation}`)]);
    await outbox.refuse("store/acme", incarnation, refusal);
    expect(await outbox.takeRefused()).toHaveLength(1);
    await outbox.close();
  }
});

test("a torn last line is cut off, at every byte of it", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  await outbox.put([entry("e1")]);
  const whole = statSync(path).size;
  await outbox.put([entry("e2"), entry("e3")]);
  await outbox.close();
  const end = statSync(path).size;
  for (let size = whole; size < end; size += 7) {
    copyFileSync(path, `${path}.torn`);
    truncateSync(`${path}.torn`, size);
    const after = fileOutbox(`${path}.torn`);
    expect(idsOf(await after.open())).toEqual(["e1"]);
    await after.put([entry("e9")]);
    await after.close();
    const again = fileOutbox(`${path}.torn`);
    expect(idsOf(await again.open())).toEqual(["e1", "e9"]);
    await again.close();
  }
});

test("damage before the end is named, and never skipped", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  await outbox.put([entry("e1")]);
  const at = statSync(path).size;
  await outbox.put([entry("e2")]);
  await outbox.put([entry("e3")]);
  await outbox.close();
  const bytes = readFileSync(path);
  bytes[at + 40] = 0x58;
  writeFileSync(path, bytes);
  await expect(fileOutbox(path).open()).rejects.toMatchObject({
    code: "OUTBOX_DAMAGED",
    message: expect.stringContaining(`at byte ${at}.`),
  });
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("a line that is whole and says what cannot be is damage too", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  await outbox.put([entry("e1")]);
  await outbox.close();
  const lines = readFileSync(path, "utf8").split("\n");
  appendFileSync(path, `${lines.at(-2)}\n`); // Number 1, again.
  await expect(fileOutbox(path).open()).rejects.toMatchObject({ code: "OUTBOX_DAMAGED" });
});

test("the last line of a rewritten file is never taken for a torn one", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  await outbox.put([entry("e1")]);
  await outbox.newProducer(null);
  await outbox.close();
  truncateSync(path, statSync(path).size - 5);
  await expect(fileOutbox(path).open()).rejects.toMatchObject({ code: "OUTBOX_DAMAGED" });
});

test("an empty file is a new outbox; a file that is something else is not touched", async () => {
  const path = newPath();
  writeFileSync(path, "");
  expect((await opened(path)).ledger.pending).toBe(0);
  const other = newPath();
  writeFileSync(other, "dear diary");
  await expect(fileOutbox(other).open()).rejects.toMatchObject({ code: "OUTBOX_DAMAGED" });
  expect(readFileSync(other, "utf8")).toBe("dear diary");
});

test("a new producer numbers anew, durably, without the voids", async () => {
  const path = newPath();
  const { outbox, ledger } = await opened(path);
  const before = ledger.producer;
  await outbox.put([entry("e1"), entry("e2"), entry("e3")]);
  outbox.confirm("store/acme", 1);
  await outbox.refuse("store/acme", 2, refusal);
  await outbox.newProducer("storage-2");
  await outbox.put([entry("e4")]);
  await outbox.close();
  const after = await opened(path);
  expect(after.ledger.producer).not.toBe(before);
  expect(after.ledger).toMatchObject({ incarnation: 2, storageId: "storage-2" });
  expect(after.ledger.lane("store/acme").confirmedTo).toBe(0);
  expect(idsOf(after.ledger)).toEqual(["e3", "e4"]);
});

test("what cannot be written is not in the outbox; it goes on when there is room", async () => {
  const path = newPath();
  const { outbox, ledger } = await opened(path);
  await outbox.put([entry("e1")]);
  vi.spyOn(AppendLog.prototype, "append").mockRejectedValueOnce(new Error("ENOSPC: no space left on device, write"));
  const both = await Promise.allSettled([outbox.put([entry("e2")]), outbox.put([entry("e3"), entry("z1", "zoo")])]);
  for (const result of both) expect(result).toMatchObject({ reason: { code: "STORAGE_FULL", retry: "backoff" } });
  expect(ledger.pending).toBe(1);
  await outbox.put([entry("e4")]);
  await outbox.close();
  const after = await opened(path);
  expect(idsOf(after.ledger)).toEqual(["e1", "e4"]);
  expect(after.ledger.lane("store/zoo").assignedTo).toBe(0);
});

test("a refusal that cannot be written is not there: the event stays an event", async () => {
  const path = newPath();
  const { outbox, ledger } = await opened(path);
  await outbox.put([entry("e1")]);
  vi.spyOn(AppendLog.prototype, "append").mockRejectedValueOnce(new Error("EIO: i/o error, fdatasync"));
  await expect(outbox.refuse("store/acme", 1, refusal)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  expect(idsOf(ledger)).toEqual(["e1"]);
  expect(ledger.refused).toEqual([]);
  expect(await outbox.refuse("store/acme", 1, refusal)).toMatchObject({ event: { id: "e1" } });
});

test("the file shrinks when most of it is of no use any more", async () => {
  const path = newPath();
  const { outbox } = await opened(path);
  const text = "x".repeat(4_000);
  for (let round = 0; round < 10; round += 1) {
    await outbox.put(Array.from({ length: 100 }, (_, i) => entry(`e${round}-${i}`, "acme", text)));
    outbox.confirm("store/acme", (round + 1) * 100 - 1);
  }
  await outbox.put([entry("last")]);
  expect(statSync(path).size).toBeLessThan(2_500_000);
  await outbox.close();
  const after = await opened(path);
  expect(idsOf(after.ledger)).toEqual(["e9-99", "last"]);
  expect(after.ledger.lane("store/acme").confirmedTo).toBe(999);
});

test("a lock of a process that is dead, or of another with its number, is taken over", async () => {
  const path = newPath();
  for (const holder of [
    { pid: 2 ** 22 + 1, born: "x" },
    { pid: process.pid, born: "another boot 17" },
  ]) {
    writeFileSync(`${path}.lock.1`, JSON.stringify(holder));
    const outbox = fileOutbox(path);
    await outbox.open();
    await expect(fileOutbox(path).open()).rejects.toMatchObject({
      code: "OUTBOX_HELD",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await outbox.close();
  }
  expect(readdirSync(join(path, "..")).filter((name) => name.includes("lock"))).toEqual([]);
});

test("of many that open at once over a stale lock, one wins at most, and a later one can", async () => {
  const path = newPath();
  writeFileSync(`${path}.lock.7`, JSON.stringify({ pid: 2 ** 22 + 1, born: "x" }));
  const all = Array.from({ length: 20 }, () => fileOutbox(path));
  const results = await Promise.allSettled(all.map((outbox) => outbox.open()));
  const winners = results.flatMap((result, i) => (result.status === "fulfilled" ? [all[i]] : []));
  expect(winners.length).toBeLessThanOrEqual(1);
  for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "OUTBOX_HELD" });
  await winners[0]?.close();
  await (await opened(path)).outbox.put([entry("e1")]);
});

test.each([
  ["load", "EIO: i/o error, read", "STORAGE_FAILED"],
  ["append", "ENOSPC: no space left on device, write", "STORAGE_FULL"],
  ["append", "EIO: i/o error, fdatasync", "STORAGE_FAILED"],
] as const)(
  "a disk that fails at %s (%s) while it is opened: said as %s, and all is there when the disk is well again",
  async (step, fault, code) => {
    const path = newPath();
    const before = await opened(path);
    await before.outbox.put([entry("e1")]);
    await before.outbox.close();
    vi.spyOn(AppendLog.prototype, step).mockRejectedValueOnce(new Error(fault));
    const failing = fileOutbox(path).open();
    await expect(failing).rejects.toMatchObject({
      code,
      retry: "backoff",
      message: expect.stringContaining(`${path} could not be opened (${fault})`),
    });
    const { ledger } = await opened(path);
    expect(ledger.pending).toBe(1);
  },
);

test("no room for a new one: said, and nothing is left of it but what the next start takes over", async () => {
  const path = newPath();
  vi.spyOn(AppendLog.prototype, "replace").mockRejectedValueOnce(new Error("ENOSPC: no space left on device, write"));
  await expect(fileOutbox(path).open()).rejects.toMatchObject({ code: "STORAGE_FULL" });
  expect((await opened(path)).ledger.pending).toBe(0);
});

test("a file that the system cannot look at is not taken for none, and not replaced", async () => {
  const path = newPath();
  symlinkSync(path, path); // Leads nowhere, and is not missing.
  await expect(fileOutbox(path).open()).rejects.toMatchObject({ code: "STORAGE_FAILED", message: expect.stringContaining("ELOOP") });
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});

test("a lock that cannot be read may be somebody's: the outbox is not opened", async () => {
  const path = newPath();
  mkdirSync(`${path}.lock.1`); // EISDIR when it is read, as a disk that fails says EIO.
  await expect(fileOutbox(path).open()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("directory, read"),
  });
});

test("a path that leads through a file: what is in the way is said", async () => {
  const path = newPath();
  writeFileSync(path, "");
  await expect(fileOutbox(join(path, "outbox.log")).open()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringMatching(/could not be opened \((EEXIST|ENOTDIR)/),
  });
});
