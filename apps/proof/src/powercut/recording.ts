/** One run of a script with all that it wrote and synced, in order, and what it had been told by then. */
import { readFileSync, rmSync } from "node:fs";
import { parseLog, pathOfFile, writeOf } from "../strace/parse-log.ts";
import { type ChildRun, runTraced } from "../strace/run-child.ts";
import { Disk } from "./disk.ts";

const recordedCalls = ["write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink", "openat"];
/** In these a change of a file would go unseen: a run that uses one is no record. */
const unseenCalls = [
  "pwritev",
  "pwritev2",
  "writev",
  "fallocate",
  "copy_file_range",
  "sendfile",
  "truncate",
  "renameat",
  "renameat2",
  "unlinkat",
];
const stringBytesMax = 4_194_304;

export type Recording = {
  disk: Disk;
  /** Each write to the history, by its line in the log. */
  said: readonly { at: number; text: string }[];
  /** Line numbers at which something of the folder changed. */
  moments: readonly number[];
};

export async function record(run: ChildRun, isKept: (name: string) => boolean): Promise<Recording> {
  const log = `${run.folder}.strace`;
  const calls = `trace=${[...recordedCalls, ...unseenCalls].join(",")}`;
  const end = await runTraced(["-y", "-xx", "-s", String(stringBytesMax), "-o", log, "-e", calls, "-e", "signal=none"], run);
  if (end.code !== 0) throw new Error(`The script ${run.script} failed on its own:\n${end.stderr}`);
  const text = readFileSync(log, "latin1");
  rmSync(log);
  return readRecording(text, { folder: run.folder, history: run.history, isKept });
}

export function readRecording(
  log: string,
  { folder, history, isKept }: { folder: string; history: string; isKept: (name: string) => boolean },
): Recording {
  const calls = parseLog(log);
  const inFolder = (path: string | null): boolean => path === folder || path?.startsWith(`${folder}/`) === true;
  const unseen = calls.find(({ name, args }) => unseenCalls.includes(name) && inFolder(pathOfFile(args)));
  if (unseen !== undefined) throw new Error(`The program changes files by ${unseen.name}, which is not recorded`);
  const ours = (path: string): boolean => inFolder(path) && isKept(path.slice(folder.length + 1));
  const disk = new Disk(calls, ours);
  const said = calls.flatMap((call) => {
    if (call.name !== "write" || pathOfFile(call.args) !== history) return [];
    return [{ at: call.entered, text: writeOf(call.args).data.toString("utf8") }];
  });
  const moments = [...disk.changes, ...disk.names].map(({ entered }) => entered + 0.5);
  return { disk, said, moments: [...new Set(moments)].sort((a, b) => a - b) };
}
