/** Stands where the SDK's outbox expects `node:fs/promises`: as much of it as an append-only file needs. */
import { theScene } from "./scene.ts";

const diskError = (path: string): Error => Object.assign(new Error(`EIO: i/o error, fsync '${path}'`), { code: "EIO" });

export async function mkdir(): Promise<void> {}

export async function rm(path: string): Promise<void> {
  theScene().disk.remove(path);
}

export async function rename(from: string, to: string): Promise<void> {
  theScene().disk.rename(from, to);
}

export async function stat(path: string): Promise<{ size: number }> {
  return { size: theScene().disk.find(path).bytes.length };
}

export async function open(path: string, flags: string): Promise<Handle> {
  const { disk } = theScene();
  if (flags === "r") return new FolderHandle(path);
  return new FileHandle(path, flags === "w+" ? disk.make(path) : disk.find(path));
}

type Handle = FileHandle | FolderHandle;

class FileHandle {
  readonly #path: string;
  readonly #file: ReturnType<ReturnType<typeof theScene>["disk"]["find"]>;

  constructor(path: string, file: ReturnType<ReturnType<typeof theScene>["disk"]["find"]>) {
    this.#path = path;
    this.#file = file;
  }

  async write(bytes: Uint8Array, from: number, length: number, position: number): Promise<{ bytesWritten: number }> {
    const before = this.#file.bytes.subarray(0, position);
    const after = this.#file.bytes.subarray(position + length);
    this.#file.bytes = Buffer.concat([before, bytes.subarray(from, from + length), after]);
    return { bytesWritten: length };
  }

  async read(buffer: Buffer, at: number, length: number, position: number): Promise<{ bytesRead: number; buffer: Buffer }> {
    const found = this.#file.bytes.subarray(position, position + length);
    found.copy(buffer, at);
    return { bytesRead: found.length, buffer };
  }

  async truncate(size: number): Promise<void> {
    this.#file.bytes = this.#file.bytes.subarray(0, size);
  }

  async datasync(): Promise<void> {
    const { disk } = theScene();
    // What is written while the sync is under way is not in it.
    const bytes = this.#file.bytes;
    await disk.synced(() => {
      if (disk.isFailing(this.#path)) throw diskError(this.#path);
      this.#file.synced = bytes;
    });
  }

  sync(): Promise<void> {
    return this.datasync();
  }

  async close(): Promise<void> {}
}

class FolderHandle {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  sync(): Promise<void> {
    const { disk } = theScene();
    return disk.synced(() => disk.syncNames(this.#path));
  }

  async close(): Promise<void> {}
}
