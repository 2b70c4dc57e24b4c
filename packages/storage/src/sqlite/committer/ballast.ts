/** A file that is only there to be deleted: on a full disk it makes room for progress and trimming, so that a hub can get out by itself. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

const chunk = Buffer.alloc(1_048_576);
/** Room that must be left besides the ballast before publishes go on. */
const marginBytes = 8_388_608;

export class Ballast {
  private readonly folder: string;
  private readonly file: string;
  private readonly bytes: number;
  isReleased = false;

  constructor(folder: string, bytes: number) {
    this.folder = folder;
    this.file = join(folder, "ballast");
    this.bytes = bytes;
  }

  /** `false`: there was none to release. */
  release(): boolean {
    if (this.bytes === 0 || this.isReleased || !existsSync(this.file)) return false;
    rmSync(this.file);
    this.isReleased = true;
    return true;
  }

  /** Writes it again if there is room. */
  restore(): boolean {
    const { bavail, bsize } = statfsSync(this.folder);
    if (bavail * bsize < this.bytes + marginBytes) return false;
    this.isReleased = !this.make();
    return !this.isReleased;
  }

  /** Written for real, since a file of holes holds no room. `false`: the disk has none, or it could not be written. */
  make(): boolean {
    if (this.bytes === 0 || existsSync(this.file)) return true;
    const part = `${this.file}.part`;
    let handle: number | null = null;
    try {
      handle = openSync(part, "w");
      for (let written = 0; written < this.bytes; written += chunk.length)
        writeSync(handle, chunk, 0, Math.min(chunk.length, this.bytes - written));
      fsyncSync(handle);
      renameSync(part, this.file);
      return true;
    } catch {
      rmSync(part, { force: true });
      return false;
    } finally {
      if (handle !== null) closeSync(handle);
    }
  }
}
