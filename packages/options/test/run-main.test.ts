import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("./fixtures/program.ts", import.meta.url));

function start(...argv: string[]) {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.err += text;
  });
  return { child, said, ended: once(child, "close").then(([exitCode]) => ({ exitCode, ...said })) };
}

async function heard(child: ChildProcess, said: { out: string }, word: string): Promise<void> {
  while (!said.out.includes(word)) {
    if (child.exitCode !== null) throw new Error(`The program ended before it said ${word}.`);
    await Promise.race([once(child.stdout ?? child, "data"), once(child, "exit")]);
  }
}

test.each(["SIGINT", "SIGTERM"] as const)("a program that stops in good order on %s ends with 0", async (signal) => {
  const { child, said, ended } = start("wait");
  await heard(child, said, "ready");
  child.kill(signal);
  expect(await ended).toEqual({ exitCode: 0, out: "ready\nstopped\n", err: "" });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("the second %s ends at once with %d", async (signal, exitCode) => {
  const { child, said, ended } = start("wait", "--as", "stuck");
  await heard(child, said, "ready");
  child.kill(signal);
  await heard(child, said, "stuck");
  child.kill(signal);
  expect(await ended).toMatchObject({ exitCode, err: "" });
});

test("a program that throws because it was interrupted says nothing and ends with 130", async () => {
  const { child, said, ended } = start("wait", "--as", "thrown");
  await heard(child, said, "ready");
  child.kill("SIGINT");
  expect(await ended).toEqual({ exitCode: 130, out: "ready\n", err: "" });
});

test("a foreseen error is one message with its advice", async () => {
  expect(await start("fail", "now").ended).toEqual({ exitCode: 3, out: "", err: "error DATA_HELD: Another hub runs here.\nStop it.\n" });
});

test("a handle that was forgotten does not keep a finished program alive", async () => {
  expect(await start("leak").ended).toMatchObject({ exitCode: 1 });
});

test("a reader that leaves stops the program in good order", async () => {
  const { child, said, ended } = start("talk");
  await heard(child, said, "word");
  child.stdout.destroy();
  expect(await ended).toMatchObject({ exitCode: 0, err: "hung up\n" });
});

test.each([
  [["--help"], 0, /Usage: program COMMAND \[options\].*fail now {2}Does fail now\./s, /^$/],
  [["wait", "--help"], 0, /Usage: program wait \[options\]/, /^$/],
  [["--version"], 0, /^Waybill program \d/, /^$/],
  [[], 2, /^$/, /error USAGE: A command is missing\. Write one of: wait, fail, fail now/],
  [["fial", "now"], 2, /^$/, /"fial" is no command here\. Did you mean fail now\?/],
  [["wait", "--ass=1"], 2, /^$/, /--ass is no option here\. Did you mean --as\?/],
])("program %j", async (argv, exitCode, out, err) => {
  expect(await start(...argv).ended).toEqual({ exitCode, out: expect.stringMatching(out), err: expect.stringMatching(err) });
});
