import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Exit, type JsonLine, type Program, ProgramEndedError } from "../src/program.ts";
import { createSupervisor } from "../src/supervisor.ts";

const script = (name: string) => fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
const ready = (line: JsonLine) => line.msg === "ready";
const start = (supervisor: ReturnType<typeof createSupervisor>, args: string[] = []) =>
  supervisor.start({ name: "talker", script: script("talker"), args });

/** State letter of the process, `T` = stopped; null = gone (or a zombie that nobody waits for). */
function stateOf(pid: number): string | null {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] ?? null;
    return state === "Z" ? null : state;
  } catch {
    return null;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

test("a program is started by path, heard, spoken to, killed, and started again with the same arguments", async () => {
  await using supervisor = createSupervisor();
  const program = start(supervisor, ["a", "b c"]);
  expect(await program.awaitLine(ready)).toMatchObject({ pid: program.pid, args: ["a", "b c"] });
  const heard = program.awaitLine((line) => line.msg === "heard");
  program.tell({ hello: 1 });
  expect(await heard).toMatchObject({ text: '{"hello":1}' });
  const firstPid = program.pid;
  expect(await program.kill()).toEqual({ code: null, signal: "SIGKILL" });
  expect(program.running).toBe(false);
  program.restart();
  expect(await program.awaitLine(ready)).toMatchObject({ args: ["a", "b c"] });
  expect(program.pid).not.toBe(firstPid);
  expect(program.lives).toBe(2);
});

test("SIGTERM first; one that does not listen is killed after its grace", async () => {
  await using supervisor = createSupervisor();
  const polite = start(supervisor);
  const deaf = start(supervisor, ["deaf"]);
  await Promise.all([polite.awaitLine(ready), deaf.awaitLine(ready)]);
  expect(await polite.stop()).toEqual({ code: 7, signal: null });
  expect(await deaf.stop({ graceMs: 50 })).toEqual({ code: null, signal: "SIGKILL" });
});

test("a stopped process goes on with SIGCONT, and is still stopped in order", async () => {
  await using supervisor = createSupervisor();
  const program = start(supervisor);
  await program.awaitLine(ready);
  program.signal("SIGSTOP");
  await until(() => stateOf(program.pid) === "T");
  program.signal("SIGCONT");
  await until(() => stateOf(program.pid) !== "T");
  program.signal("SIGSTOP");
  expect(await program.stop()).toEqual({ code: 7, signal: null });
});

test("an end that nobody asked for is told, with the last of stderr", async () => {
  await using supervisor = createSupervisor();
  const { promise: crashed, resolve } = Promise.withResolvers<[Exit, Program]>();
  const program = supervisor.start({
    name: "talker",
    script: script("talker"),
    args: ["crash"],
    onCrash: (exit, who) => resolve([exit, who]),
  });
  await expect(program.awaitLine(ready)).rejects.toThrow("the reason");
  const [exit, who] = await crashed;
  expect(exit).toEqual({ code: 3, signal: null });
  expect(new ProgramEndedError(who, exit).message).toBe("talker ended (code 3).\nthe reason");
  expect(who).toBe(program);
  await expect(program.awaitLine(ready)).rejects.toThrow("does not run");
});

test("a line that never comes is an error with a time", async () => {
  await using supervisor = createSupervisor();
  const program = start(supervisor);
  await program.awaitLine(ready);
  await expect(program.awaitLine((line) => line.msg === "never", { timeoutMs: 20 })).rejects.toThrow("within 20 ms");
});

test("closing stops everything", async () => {
  const supervisor = createSupervisor();
  const programs = [start(supervisor), start(supervisor)];
  await Promise.all(programs.map((program) => program.awaitLine(ready)));
  await supervisor.close();
  expect(programs.map((program) => stateOf(program.pid))).toEqual([null, null]);
});

test("a supervisor that is killed itself leaves no orphan", async () => {
  await using supervisor = createSupervisor();
  const parent = supervisor.start({ name: "parent", script: script("parent") });
  const child = Number((await parent.awaitLine(ready)).child);
  expect(stateOf(child)).not.toBeNull();
  await parent.kill();
  await until(() => stateOf(child) === null);
  expect(stateOf(child)).toBeNull();
});
