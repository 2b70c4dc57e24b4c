import { expect, test } from "vitest";
import { bytesOf, namedPaths, parseLog, pathOfFile, writeOf } from "./parse-log.ts";

const hex = (text: string): string => [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");

test("a call on one line, with its thread, arguments and result", () => {
  const [call, ...rest] = parseLog(`12  fsync(22<${hex("/d/a")}>) = 0\n`);
  expect(rest).toEqual([]);
  expect(call).toEqual({ pid: 12, name: "fsync", args: `22<${hex("/d/a")}>`, result: 0, entered: 0, returned: 0 });
});

test("a call that another thread came between has two places; one that never returned has no result", () => {
  const log = [
    `12 pwrite64(22<${hex("/d/a")}>, "${hex("ab")}", 2, 0 <unfinished ...>`,
    `13 fsync(23<${hex("/d/b")}> <unfinished ...>`,
    "12 <... pwrite64 resumed>) = 2",
    "13 +++ killed by SIGKILL +++",
    "",
  ].join("\n");
  expect(parseLog(log)).toEqual([
    expect.objectContaining({ pid: 12, name: "pwrite64", result: 2, entered: 0, returned: 2 }),
    expect.objectContaining({ pid: 13, name: "fsync", result: null, returned: Number.POSITIVE_INFINITY }),
  ]);
  const [write] = parseLog(log);
  expect(writeOf(write?.args ?? "")).toEqual({ data: Buffer.from("ab"), at: 0 });
});

test("a failed call, and one that was killed on entry, did nothing", () => {
  const log = '12 unlink("\\x61") = -1 ENOENT (No such file or directory)\n12 pwrite64(22<\\x61>, "\\x62", 1, 0) = ?\n';
  expect(parseLog(log).map(({ result }) => result)).toEqual([-1, null]);
});

test("signals and ends of threads are no calls", () => {
  expect(parseLog("12 --- SIGCHLD {si_signo=SIGCHLD} ---\n12 +++ exited with 0 +++\n")).toEqual([]);
});

test("paths, data and positions come back as they were, whatever bytes they hold", () => {
  const path = '/tmp/a "b", <c>) = 0';
  expect(pathOfFile(`22<${hex(path)}>, 5`)).toBe(path);
  expect(pathOfFile("22<anon_inode:[eventfd]>, 5")).toBeNull();
  expect(namedPaths(`"${hex(path)}", "${hex("b")}"`)).toEqual([path, "b"]);
  const [call] = parseLog(`1 pwrite64(22<${hex(path)}>, "${hex('x, 3) = 7 "')}", 12, 4096) = 12\n`);
  expect(writeOf(call?.args ?? "")).toEqual({ data: Buffer.from('x, 3) = 7 "'), at: 4096 });
  expect(writeOf(`22<${hex("/h")}>, "${hex("line\n")}", 5`)).toEqual({ data: Buffer.from("line\n"), at: null });
});

test("data that strace cut off is refused", () => {
  expect(() => bytesOf('"\\x61"...')).toThrow("too small");
});
