/**
 * A file that only grows: lines of `crc json`, each a group of records. Every line is one write and one sync, and the
 * next begins only after that, so a crash, or a power cut, can tear the last line and no other:
 *
 *   a bad last line    ── nobody was told that it is there: it is cut off
 *   a bad line earlier ── the file is damaged: OUTBOX_DAMAGED names the place, and nothing is skipped
 *
 * A rewrite goes to a file beside it, is synced, and takes the name: a crash leaves the old or the new one, whole.
 */
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { HubError } from "@waybill/events";
import { crc32 } from "./crc32.ts";

const CHUNK_BYTES = 65_536;
const LINE_FEED = 10;

export type LogLine = { records: unknown[]; at: number };

export class AppendLog {
  /** Bytes that are on disk. */
  size = 0;
  readonly path: string;
  #file: FileHandle | null = null;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Rejects where that cannot be told: a file that is not seen for a fault of the disk must not be taken for none, and replaced. */
  get exists(): Promise<boolean> {
    return stat(this.path).then(
      ({ size }) => size > 0,
      (error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
  }

  /** All whole lines, in order. `firstTorn`: lines before this one were synced before the file got its name. */
  async load(read: (line: LogLine) => void, firstTorn: () => number): Promise<void> {
    await rm(this.#beside, { force: true });
    const file = await open(this.path, "r+");
    this.#file = file;
    let lines = 0;
    let bad: number | null = null;
    for await (const { bytes, at, isWhole } of linesOf(file)) {
      if (bad !== null) throw damaged(this.path, bad);
      const records = isWhole ? readLine(bytes) : null;
      if (records === null) {
        bad = at;
        if (lines < firstTorn()) throw damaged(this.path, bad);
        continue;
      }
      read({ records, at });
      lines += 1;
      this.size = at + bytes.length + 1;
    }
    if (lines === 0) throw damaged(this.path, 0);
    if (bad !== null) await file.truncate(this.size);
  }

  /** One line, on disk when it resolves. After a failure the file is not to be trusted: `replace` it. */
  async append(records: readonly string[]): Promise<void> {
    if (this.#file === null) throw new Error("The log is not open.");
    const line = toLine(records);
    await writeAll(this.#file, line, this.size);
    await this.#file.datasync();
    this.size += line.length;
  }

  /** The file is these lines from now on, or, if it fails, what it was. */
  async replace(lines: readonly (readonly string[])[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.#beside, "w+");
    try {
      let size = 0;
      for (const records of lines) {
        const line = toLine(records);
        await writeAll(file, line, size);
        size += line.length;
      }
      await file.sync();
      await rename(this.#beside, this.path);
      await syncFolder(dirname(this.path));
      await this.#file?.close();
      this.#file = file;
      this.size = size;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  get #beside(): string {
    return `${this.path}.new`;
  }
}

export const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A rename is on disk when its folder is. Windows syncs no folders, and needs it not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** As long as what stands before a line's JSON. */
const NO_CRC = "00000000 ";

/** The line is encoded as a whole; then its checksum is put where it belongs. */
function toLine(records: readonly string[]): Buffer {
  const line = Buffer.from(`${NO_CRC}[${records.join(",")}]\n`);
  line.write(crc32(line.subarray(NO_CRC.length, -1)), "latin1");
  return line;
}

function readLine(line: Buffer): unknown[] | null {
  const json = line.subarray(NO_CRC.length);
  if (line.length < NO_CRC.length + "[]".length || line.subarray(0, 8).toString("latin1") !== crc32(json)) return null;
  const records: unknown = JSON.parse(json.toString("utf8"));
  return Array.isArray(records) ? records : null;
}

async function* linesOf(file: FileHandle): AsyncGenerator<{ bytes: Buffer; at: number; isWhole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  // One for all reads: what was read is copied out of it. Most outboxes are small, and a phone has little memory.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, at + rest.length);
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      yield { bytes: rest.subarray(0, end), at, isWhole: true };
      at += end + 1;
      rest = rest.subarray(end + 1);
    }
    if (bytesRead === 0) break;
  }
  if (rest.length > 0) yield { bytes: rest, at, isWhole: false };
}

export function damaged(path: string, at: number): HubError {
  return new HubError(
    "OUTBOX_DAMAGED",
    `${path} does not read as it was written, at byte ${at}. Keep the file for inspection, and start with a new one.`,
  );
}
