import { open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** A file's bytes, unpacked when its first two say gzip: the name is not asked. The stream fails with the file's own error. */
export async function openFile(path: string): Promise<Readable> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  const plain = file.createReadStream({ start: 0 });
  if (bytesRead < 2 || buffer[0] !== 0x1f || buffer[1] !== 0x8b) return plain;
  // An error of either ends up in the last stream, whose reader meets it.
  return pipeline(plain, createGunzip(), () => undefined);
}
