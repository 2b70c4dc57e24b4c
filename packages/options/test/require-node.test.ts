import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const guard = fileURLToPath(new URL("../require-node.js", import.meta.url));
// The guard runs in a process that claims to be an older Node; what it may use of the language is kept small by its file.
const pretend = (version: string, script: string) =>
  spawnSync(process.execPath, [
    "--input-type=module",
    "--eval",
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
     process.argv[1] = "${script}";
     await import(${JSON.stringify(guard)});
     process.stdout.write("started");`,
  ]);

test("an old Node is told how to start the program", () => {
  const { status, stdout, stderr } = pretend("20.1.0", "/x/apps/hub/bin/hub.js");
  expect([status, String(stdout)]).toEqual([2, ""]);
  expect(String(stderr)).toContain("needs Node 24 or newer; this is Node 20.1.0");
  expect(String(stderr)).toContain("`npm run hub --`");
});

test("the demo is started by `npm start`", () => {
  expect(String(pretend("18.0.0", "/x/apps/demo/bin/start.js").stderr)).toContain("`npm start`");
});

test("this Node goes on", () => {
  expect(
    String(
      execFileSync(process.execPath, ["--input-type=module", "--eval", `await import(${JSON.stringify(guard)}); console.log("started")`]),
    ),
  ).toBe("started\n");
});

test("threads find their compiled code where the program keeps its own", () => {
  const inThread = `const { parentPort } = require("node:worker_threads"); parentPort.postMessage(require("node:module").getCompileCacheDir());`;
  const script = `
    const { getCompileCacheDir } = await import("node:module");
    const { Worker } = await import("node:worker_threads");
    await import(${JSON.stringify(guard)});
    new Worker(${JSON.stringify(inThread)}, { eval: true, execArgv: [] }).on("message", (dir) => console.log(JSON.stringify([getCompileCacheDir(), dir].filter(Boolean))));`;
  const told = (env: NodeJS.ProcessEnv) =>
    JSON.parse(String(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { env })));
  const [own, ofThread] = told({});
  expect(own).toEqual(expect.any(String));
  expect(ofThread).toBe(own);
  expect(told({ NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual([]);
});
