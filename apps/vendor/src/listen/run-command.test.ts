import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunCommandOptions, runCommand } from "./run-command.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-exec-"));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (command: string, rest: Partial<RunCommandOptions> = {}) =>
  runCommand({
    command,
    input: "",
    env: { PATH: process.env.PATH },
    signal: new AbortController().signal,
    stdoutFd: 2,
    onStderr: () => undefined,
    ...rest,
  });

test("exit code 0 is ok; the event is on its stdin and its environment is what was given", async () => {
  const file = join(folder, "seen");
  const result = await run(`cat > ${file}; printf %s "$WAYBILL_PARCEL" >> ${file}`, {
    input: "the event\n",
    env: { WAYBILL_PARCEL: "P-1" },
  });
  expect(result).toEqual({ outcome: "ok" });
  expect(await readFile(file, "utf8")).toBe("the event\nP-1");
});

test("a command that does not read its input is no failure", async () => {
  expect(await run("exit 0", { input: "x".repeat(1_000_000) })).toEqual({ outcome: "ok" });
});

describe("another exit code fails", () => {
  test("with the last line of stderr as the reason, and all of stderr passed on", async () => {
    const said: string[] = [];
    const result = await run("echo first >&2; echo 'no such shelf' >&2; echo >&2; exit 3", { onStderr: (text) => void said.push(text) });
    expect(result).toEqual({ outcome: "failed", reason: "no such shelf" });
    expect(said.join("")).toBe("first\nno such shelf\n\n");
  });
  test("with its exit code when it said nothing", async () => {
    expect(await run("exit 3")).toEqual({ outcome: "failed", reason: "exit code 3" });
  });
  test("with the signal that killed it", async () => {
    expect(await run("kill -9 $$")).toEqual({ outcome: "failed", reason: "killed by SIGKILL" });
  });
  test("a long reason is cut to what the hub keeps", async () => {
    const result = await run("printf '%0900d' 7 >&2; exit 1");
    expect(result.outcome === "failed" && result.reason.length).toBe(512);
  });
  test("when the shell does not find the command", async () => {
    const result = await run("no-such-command-here");
    expect(result).toMatchObject({ outcome: "failed", reason: expect.stringContaining("not found") });
  });
});

test("what it leaves in the background does not hold it up", async () => {
  expect(await run("sleep 30 & echo $! > pid; exit 0".replace("pid", join(folder, "pid")))).toEqual({ outcome: "ok" });
  process.kill(Number(await readFile(join(folder, "pid"), "utf8")), "SIGKILL");
});

describe("when the lease is lost", () => {
  test("the command and all that it started are killed", async () => {
    const pipe = join(folder, "held");
    execFileSync("mkfifo", [pipe]);
    const stop = new AbortController();
    // A process that the command started holds the pipe open: the pipe ends when that process does.
    const result = run(`sleep 30 > ${pipe} & wait`, { signal: stop.signal });
    const held = createReadStream(pipe).resume();
    const ended = once(held, "end");
    await once(held, "open");
    stop.abort();
    expect(await result).toMatchObject({ outcome: "aborted" });
    await ended;
  });
  test("before it started, it does not start", async () => {
    const stop = new AbortController();
    stop.abort();
    const result = await run(`touch ${join(folder, "started")}`, { signal: stop.signal });
    expect(result).toMatchObject({ outcome: "aborted" });
    await expect(readFile(join(folder, "started"))).rejects.toThrow("ENOENT");
  });
});

test("a command that runs too long is killed and failed", async () => {
  expect(await run("sleep 30", { timeoutMs: 20 })).toEqual({ outcome: "failed", reason: "killed: it ran longer than 20 ms" });
});

test("the listener of the signal is removed, or a day's events would fill the memory", async () => {
  const stop = new AbortController();
  let listeners = 0;
  const add = stop.signal.addEventListener.bind(stop.signal);
  const remove = stop.signal.removeEventListener.bind(stop.signal);
  stop.signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  stop.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  await run("exit 0", { signal: stop.signal });
  expect(listeners).toBe(0);
});
