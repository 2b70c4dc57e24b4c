/**
 * Reads what `strace -f -y -xx -o FILE` wrote. A call takes one line, or two when another thread came between; its place in
 * the log says when it was entered and when it returned.
 */
export type Call = {
  pid: number;
  name: string;
  /** As strace prints them, hexadecimal escapes and all. */
  args: string;
  /** `null`: it never returned, or failed to. */
  result: number | null;
  /** Line numbers. */
  entered: number;
  returned: number;
};

const wholeLine = /^(\d+) +(\w+)\((.*)\) += (-?\d+|\?)/;
const unfinishedLine = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const resumedLine = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|\?)/;

/** In the order in which they were entered. */
export function parseLog(text: string): Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<number, Call>();
  for (const [at, line] of text.split("\n").entries()) {
    const whole = wholeLine.exec(line);
    if (whole !== null) {
      const [, pid = "", name = "", args = "", result = ""] = whole;
      calls.push({ pid: Number(pid), name, args, result: resultOf(result), entered: at, returned: at });
      continue;
    }
    const begun = unfinishedLine.exec(line);
    if (begun !== null) {
      const [, pid = "", name = "", args = ""] = begun;
      const call = { pid: Number(pid), name, args, result: null, entered: at, returned: Number.POSITIVE_INFINITY };
      unfinished.set(call.pid, call);
      calls.push(call);
      continue;
    }
    const ended = resumedLine.exec(line);
    const call = ended === null ? undefined : unfinished.get(Number(ended[1]));
    if (ended === null || call === undefined) continue;
    call.args += ended[3] ?? "";
    call.result = resultOf(ended[4] ?? "");
    call.returned = at;
    unfinished.delete(call.pid);
  }
  return calls;
}

const resultOf = (text: string): number | null => (text === "?" ? null : Number(text));

/** The bytes of a string that was printed with `-xx`. Throws when strace cut it off: the record would be a lie. */
export function bytesOf(quoted: string): Buffer {
  if (quoted.endsWith("...")) throw new Error("strace cut a string off: its limit (-s) is too small");
  return Buffer.from(quoted.replaceAll(/["]|\\x/g, ""), "hex");
}
const textOf = (escaped: string): string => bytesOf(escaped).toString("utf8");

/** The path that `-y` prints behind a file's number; `null`: it is no file. */
export function pathOfFile(args: string): string | null {
  const path = /^\d+<((?:\\x[0-9a-f]{2})+)>/.exec(args)?.[1];
  return path === undefined ? null : textOf(path);
}

/** Paths that are named in the arguments, in order. */
export function namedPaths(args: string): string[] {
  return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, path = ""]) => textOf(path));
}

/** The data, count and position of a write; `at` is `null` for a plain `write`, which appends here. */
export function writeOf(args: string): { data: Buffer; at: number | null } {
  const found = /^\d+<[^>]*>, ("[^"]*"(?:\.\.\.)?), \d+(?:, (\d+))?$/.exec(args);
  if (found === null) throw new Error(`not a write that can be read: ${args.slice(0, 80)}`);
  return { data: bytesOf(found[1] ?? ""), at: found[2] === undefined ? null : Number(found[2]) };
}
