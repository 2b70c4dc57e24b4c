/** Every program of examples/ is run as it stands there; the chat has a test of its own, in a browser. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createSupervisor } from "@waybill/testkit";
import { expect, onTestFinished, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const python = "/usr/bin/python3";
const hasPython = spawnSync(python, ["-c", "import requests, socketio"]).status === 0;

/** One of the stores' programs, and what it prints. */
function startStore(hub: TestHub, store: string, program: { script: string; runtime?: string }) {
  const supervisor = createSupervisor();
  onTestFinished(() => supervisor.close());
  const said: string[] = [];
  let wake = () => {};
  const env = { ...process.env, WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "vendor", stores: [store] }) };
  supervisor.start({
    name: store,
    ...program,
    env,
    onText(text, stream) {
      if (stream === "stdout") said.push(...text.trim().split("\n"));
      wake();
    },
  });
  return {
    /** What it prints, until it has said so many lines. */
    async lines(count: number): Promise<string[]> {
      while (said.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return said;
    },
  };
}

/** The driver's program, on one parcel of the store. */
async function drive(hub: TestHub, store: string): Promise<string[]> {
  const env = { ...process.env, WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "driver", driver: "dana" }) };
  const supervisor = createSupervisor();
  onTestFinished(() => supervisor.close());
  const said: string[] = [];
  const outbox = { WAYBILL_OUTBOX: `${hub.running.dataDir}/${store}.outbox` };
  const program = supervisor.start({
    name: "driver",
    script: example("driver/main.ts"),
    args: ["1Z-204", store],
    env: { ...env, ...outbox },
    onText: (text) => void said.push(...text.trim().split("\n")),
  });
  await program.ended;
  return said;
}

const scans = ["1Z-204 pickup", "1Z-204 in-transit", "1Z-204 delivered"];

test("a driver and a store with the SDK, in ten lines each, and a plain store", { timeout: 240_000 }, async () => {
  await using hub = await startTestHub();
  for (const path of ["vendor/main.ts", "driver/main.ts", "plain/main.js"]) {
    const code = readFileSync(example(path), "utf8").replace(/^\/\*\*[\s\S]*?\*\/\n/, "");
    expect(code.trim().split("\n").filter(Boolean).length).toBeLessThanOrEqual(12);
  }
  const board = startStore(hub, "acme-widgets", { script: example("vendor/main.ts") });
  const plain = startStore(hub, "1-206-flowers", { script: example("plain/main.js") });
  for (const store of ["acme-widgets", "1-206-flowers"]) {
    expect(await drive(hub, store)).toEqual(scans.map((line) => `${line}: stored`));
  }
  expect(await board.lines(3)).toEqual(scans);
  expect(await plain.lines(4)).toEqual(["subscribed", ...scans]);
});

test("a store in Python", { timeout: 240_000 }, async ({ skip }) => {
  skip(!hasPython, "needs Python's Socket.IO client: apt-get install python3-socketio python3-websocket python3-requests");
  await using hub = await startTestHub();
  await drive(hub, "acme-widgets");
  const store = startStore(hub, "acme-widgets", { script: example("python/main.py"), runtime: python });
  const lines = await store.lines(4);
  // Its client has a thread for each packet: nothing says that the answer's is the first to print.
  expect(lines).toContain("subscribed");
  expect(lines.filter((line) => line !== "subscribed")).toEqual(scans);
});
