import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startHub } from "@waybill/testkit";
import { io } from "socket.io-client";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = (name: string) => fileURLToPath(new URL(`../bin/${name}.js`, import.meta.url));

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "waybill-program-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs a program to its end. */
async function run(name: "hub" | "token", args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [script(name), "--data", dataDir, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, out, err };
}

test("the ready line says where, and SIGTERM ends it in good order: clients are told and keep trying", async () => {
  const lines: Record<string, unknown>[] = [];
  const hub = await startHub({ dataDir, onLine: (line) => void lines.push(line) });
  const ready = lines.find(({ msg }) => msg === "ready");
  expect(ready).toMatchObject({ url: hub.url, dataDir, storageId: expect.any(String), epoch: 1 });
  const client = io(`${hub.url}/vendor`, { auth: { token: hub.token({ role: "vendor", sub: "v", stores: ["s"] }) } });
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const told = new Promise((resolve) => client.once("draining", resolve));
  const left = new Promise((resolve) => client.once("disconnect", resolve));
  expect(await hub.program.stop()).toEqual({ code: 0, signal: null });
  expect(await told).toMatchObject({ reconnectInMs: expect.any(Number) });
  await left;
  expect(client.active).toBe(true);
  client.close();
  expect(lines.slice(-3).map(({ msg }) => msg)).toEqual(["left", "drained", "closed"]);
  await hub.close();
});

test("a second hub on the same data folder is refused, and so is one on the same port; the first notices nothing", async () => {
  await using hub = await startHub({ dataDir });
  const second = await run("hub", ["--port", "0"]);
  expect(second).toMatchObject({ code: 3, out: "", err: expect.stringMatching(/^error DATA_HELD: .+\n.+\n$/) });
  const elsewhere = join(dataDir, "elsewhere");
  const taken = await run("hub", ["--port", String(hub.port), "--data", elsewhere]);
  expect(taken).toMatchObject({ code: 3, err: expect.stringContaining("error EADDRINUSE: 127.0.0.1:") });
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
});

test("without a key of its own a hub listens on loopback only", async () => {
  const refused = await run("hub", ["--host", "0.0.0.0", "--port", "0"]);
  expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--key-file") });
});

test("a token is alone on standard output, opens the hub that shares its data folder, and no other", async () => {
  const made = await run("token", ["--role", "vendor", "--store", "acme-widgets"]);
  expect(made).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) });
  const foreign = await run("token", ["--role", "vendor", "--store", "acme-widgets"], { WAYBILL_KEY: "A".repeat(44) });
  await using hub = await startHub({ dataDir });
  const answerTo = (token: string) =>
    new Promise((resolve) => {
      const answered = (answer: unknown) => {
        client.close();
        resolve(answer);
      };
      const client = io(`${hub.url}/vendor`, { auth: { token: token.trim() }, forceNew: true, reconnection: false });
      client.once("welcome", ({ you }) => answered(you));
      client.once("connect_error", (error: Error & { data?: unknown }) => answered(error.data));
    });
  expect(await answerTo(made.out)).toMatchObject({ role: "vendor", stores: ["acme-widgets"] });
  expect(await answerTo(foreign.out)).toMatchObject({ code: "UNAUTHORIZED" });
});

test("--help exits 0 and names each option, an unknown option exits 2 and says which", async () => {
  const help = await run("hub", ["--help"]);
  expect(help).toMatchObject({ code: 0, err: "" });
  for (const flag of ["--host", "--port", "--key-file", "--transports", "--lease", "WAYBILL_DATA"]) expect(help.out).toContain(flag);
  expect(await run("hub", ["--prot", "1"])).toMatchObject({ code: 2, err: expect.stringContaining("--port") });
});

test("with --transports websocket a handshake by polling is refused", async () => {
  await using hub = await startHub({ dataDir, args: ["--transports", "websocket"] });
  expect((await fetch(`${hub.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(400);
});
