/**
 * Files as a power cut leaves them. A disk that keeps its word: what was synced before the cut is there. All else that was
 * written before it is there, or not, or in parts of 512 bytes, each write on its own. Names (made, renamed, removed) become
 * durable with a sync of their folder; of those that were not, the file system keeps the first so many, in their order.
 */
import { dirname } from "node:path";
import { type Call, namedPaths, pathOfFile, writeOf } from "../strace/parse-log.ts";

export const sectorBytes = 512;

type Data = { kind: "write"; at: number; bytes: Buffer } | { kind: "truncate"; size: number };
/** A change of one file's content. `durableAt`: the line of the log at which a sync that covers it had returned. */
export type Change = Data & { file: number; entered: number; returned: number; durableAt: number };
type Naming =
  | { kind: "make"; path: string; file: number }
  | { kind: "rename"; path: string; to: string }
  | { kind: "remove"; path: string };
export type Name = Naming & { entered: number; returned: number; durableAt: number };

/** `keep`: how much of each change that was not synced is there. */
export type Fate = "lost" | "whole" | { sectors: readonly boolean[] };
export type Pending = { changes: readonly Change[]; names: readonly Name[] };

const never = Number.POSITIVE_INFINITY;
const noFile = -1;

export class Disk {
  readonly changes: Change[] = [];
  readonly names: Name[] = [];
  private readonly files = new Map<string, number>();
  private readonly sizes: number[] = [];

  /** What `isKept` leaves out is no part of the disk: scratch files, locks. */
  constructor(calls: readonly Call[], isKept: (path: string) => boolean) {
    for (const call of calls) if (call.result !== null && call.result >= 0) this.take(call, isKept);
  }

  private take(call: Call, isKept: (path: string) => boolean): void {
    const { name, args } = call;
    const [named = "", to = ""] = namedPaths(name.startsWith("pwrite") || name === "write" ? "" : args);
    const path = pathOfFile(args);
    if (name === "openat") this.open(call, isKept);
    else if (name === "rename" || name === "unlink") {
      if (isKept(named)) this.renameOrRemove(call, named, name === "rename" ? to : null);
    } else if (path === null) return;
    else if (name === "fsync" || name === "fdatasync") this.sync(call, path);
    else if (isKept(path)) this.change(call, path);
  }

  private open(call: Call, isKept: (path: string) => boolean): void {
    const [path = ""] = namedPaths(call.args);
    if (!isKept(path)) return;
    if (/O_CREAT/.test(call.args) && !this.files.has(path)) {
      const file = this.sizes.push(0) - 1;
      this.files.set(path, file);
      this.names.push({ kind: "make", path, file, ...moment(call) });
    } else if (/O_TRUNC/.test(call.args)) this.add(call, this.fileAt(path), { kind: "truncate", size: 0 });
  }

  private renameOrRemove(call: Call, path: string, to: string | null): void {
    const file = this.files.get(path);
    if (file === undefined) return;
    this.files.delete(path);
    if (to !== null) this.files.set(to, file);
    this.names.push(to === null ? { kind: "remove", path, ...moment(call) } : { kind: "rename", path, to, ...moment(call) });
  }

  private change(call: Call, path: string): void {
    const file = this.fileAt(path);
    if (file === noFile) return;
    if (call.name === "ftruncate") {
      this.add(call, file, { kind: "truncate", size: Number(/, (\d+)$/.exec(call.args)?.[1]) });
      return;
    }
    const { data, at } = writeOf(call.args);
    this.add(call, file, { kind: "write", at: at ?? this.sizes[file] ?? 0, bytes: data });
  }

  private add(call: Call, file: number, data: Data): void {
    if (file === noFile) return;
    this.changes.push({ ...data, file, ...moment(call) });
    this.sizes[file] = data.kind === "truncate" ? data.size : Math.max(this.sizes[file] ?? 0, data.at + data.bytes.length);
  }

  /** Of a file: what had returned before the sync began. Of a folder: the names in it. */
  private sync(call: Call, path: string): void {
    const file = this.files.get(path);
    for (const change of this.changes) {
      if (change.file === file && change.durableAt === never && change.returned < call.entered) change.durableAt = call.returned;
    }
    for (const name of this.names) {
      if (dirname(name.path) === path && name.durableAt === never && name.returned < call.entered) name.durableAt = call.returned;
    }
  }

  private fileAt(path: string): number {
    return this.files.get(path) ?? noFile;
  }

  /** What a cut at this line of the log leaves open. */
  pendingAt(cut: number): Pending {
    const isOpen = ({ entered, durableAt }: { entered: number; durableAt: number }): boolean => entered < cut && durableAt > cut;
    return { changes: this.changes.filter(isOpen), names: this.names.filter(isOpen) };
  }

  /** The files by path. `fates` in the order of the pending changes; `namesKept` of the pending names are there. */
  contentAt(cut: number, fates: readonly Fate[], namesKept: number): Map<string, Buffer> {
    const pending = this.pendingAt(cut);
    const fateOf = new Map(pending.changes.map((change, i) => [change, fates[i] ?? "lost"]));
    const keptNames = new Set(pending.names.slice(0, namesKept));
    const contents = new Map<number, Content>();
    for (const change of this.changes) {
      const fate = change.durableAt <= cut ? "whole" : (fateOf.get(change) ?? "lost");
      if (fate === "lost") continue;
      const content = contents.get(change.file) ?? new Content();
      contents.set(change.file, content);
      content.apply(change, fate);
    }
    const paths = new Map<string, number>();
    for (const name of this.names) {
      if (!(name.durableAt <= cut || keptNames.has(name))) continue;
      if (name.kind === "make") paths.set(name.path, name.file);
      const file = paths.get(name.path);
      if (name.kind !== "make") paths.delete(name.path);
      if (name.kind === "rename" && file !== undefined) paths.set(name.to, file);
    }
    return new Map([...paths].map(([path, file]) => [path, contents.get(file)?.written ?? Buffer.alloc(0)]));
  }
}

const moment = ({ entered, returned }: Call) => ({ entered, returned, durableAt: never });

/** A file that grows in place. */
class Content {
  private bytes = Buffer.alloc(65_536);
  private size = 0;

  apply(change: Change, fate: Exclude<Fate, "lost">): void {
    if (change.kind === "truncate") {
      this.resize(change.size);
      return;
    }
    const { at, bytes } = change;
    this.resize(Math.max(this.size, at + bytes.length));
    if (fate === "whole") bytes.copy(this.bytes, at);
    else {
      for (const [i, [from, to]] of sectorsOf(change).entries()) if (fate.sectors[i]) bytes.copy(this.bytes, from, from - at, to - at);
    }
  }

  /** What is new reads as zeros. */
  private resize(size: number): void {
    if (size > this.bytes.length) this.bytes = Buffer.concat([this.bytes], Math.max(size, this.bytes.length * 2));
    if (size < this.size) this.bytes.fill(0, size, this.size);
    this.size = size;
  }

  get written(): Buffer {
    return this.bytes.subarray(0, this.size);
  }
}

/** The parts of a write that the disk writes at once, as positions in the file. */
export function sectorsOf(change: Change): [from: number, to: number][] {
  if (change.kind === "truncate") return [];
  const end = change.at + change.bytes.length;
  const sectors: [number, number][] = [];
  for (let from = change.at; from < end; ) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes);
    sectors.push([from, to]);
    from = to;
  }
  return sectors;
}
