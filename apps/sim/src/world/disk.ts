/**
 * A device's files, in memory: what was written is seen at once, what was synced survives a power cut; of the rest a cut leaves
 * nothing, all, or a torn part. A killed process loses nothing that it wrote.
 */
import type { Chance } from "@waybill/testkit";
import type { World } from "./world.ts";

class File {
  bytes: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
}

export class Disk {
  readonly #world: World;
  #names = new Map<string, File>();
  /** Names as they are on disk. */
  #syncedNames = new Map<string, File>();
  /** Folders whose syncs fail just now. */
  readonly failing = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  find(path: string): File {
    const file = this.#names.get(path);
    if (file === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT" });
    return file;
  }

  make(path: string): File {
    const file = new File();
    this.#names.set(path, file);
    return file;
  }

  remove(path: string): void {
    this.#names.delete(path);
  }

  rename(from: string, to: string): void {
    this.#names.set(to, this.find(from));
    this.#names.delete(from);
  }

  isFailing(path: string): boolean {
    return [...this.failing].some((folder) => path.startsWith(folder));
  }

  syncNames(folder: string): void {
    for (const [name] of this.#syncedNames) if (name.startsWith(`${folder}/`)) this.#syncedNames.delete(name);
    for (const [name, file] of this.#names) if (name.startsWith(`${folder}/`)) this.#syncedNames.set(name, file);
  }

  /** Takes as long as a phone's flash does. */
  async synced(run: () => void): Promise<void> {
    const { current } = this.#world;
    await new Promise<void>((resolve) => this.#world.after(0.2 + current.chance.next() * 6, current, resolve));
    run();
  }

  cutPower(folder: string, chance: Chance): void {
    for (const [name] of this.#names) if (name.startsWith(`${folder}/`)) this.#names.delete(name);
    for (const [name, file] of this.#syncedNames) {
      if (!name.startsWith(`${folder}/`)) continue;
      file.bytes = tornFrom(file, chance);
      file.synced = file.bytes;
      this.#names.set(name, file);
    }
  }
}

/** Our log only appends: what was not synced is a tail. */
function tornFrom({ bytes, synced }: File, chance: Chance): Buffer {
  const tail = bytes.length - synced.length;
  if (tail <= 0 || chance.hit(0.4)) return synced;
  const kept = chance.hit(0.3) ? tail : chance.int(0, tail);
  return Buffer.from(bytes.subarray(0, synced.length + kept));
}
