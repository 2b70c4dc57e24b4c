import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { JsonLine } from "../src/program.ts";
import { startHub } from "../src/start-hub.ts";

const script = fileURLToPath(new URL("./programs/fake-hub.ts", import.meta.url));

test("a hub starts on a folder of its own, comes back on the same port, and leaves nothing", async () => {
  const lines: JsonLine[] = [];
  const hub = await startHub({ script, onLine: (line) => lines.push(line) });
  expect(hub.url).toBe(`http://127.0.0.1:${hub.port}`);
  await hub.killAndRestart();
  expect(hub.program.lives).toBe(2);
  const common = ["--data", hub.dataDir, "--open", "--log", "json", "--ballast-mb", "1", "--drain", "0s"];
  expect(lines.map((line) => line.args)).toEqual([
    ["--port", String(hub.port), ...common],
    ["--port", String(hub.port), ...common],
  ]);
  await hub.close();
  expect(hub.program.running).toBe(false);
  expect(existsSync(hub.dataDir)).toBe(false);
});

test("a folder that the caller gave is a real one: it keeps the hub's own ballast, and stays", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "waybill-kept-"));
  const hub = await startHub({ script, dataDir, args: ["--ballast-mb", "2"] });
  await hub.close();
  expect(existsSync(dataDir)).toBe(true);
  rmSync(dataDir, { recursive: true });
});

test("a hub that does not start tells its own reason", async () => {
  await expect(startHub({ script, args: ["--fail"] })).rejects.toThrow("the data folder is held");
});

test("tokens are signed with the hub's key, HS256, for a day", async () => {
  await using hub = await startHub({ script });
  const token = hub.token({ sub: "d1", role: "driver", driver: "d1" });
  const [head = "", body = "", signature] = token.split(".");
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toEqual({ alg: "HS256", typ: "JWT" });
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  expect(claims).toMatchObject({ sub: "d1", role: "driver", driver: "d1", tenant: "default", iss: "waybill", aud: "waybill" });
  expect(claims.exp - claims.iat).toBe(86_400);
  expect(signature).toBe(createHmac("sha256", Buffer.alloc(32, 7)).update(`${head}.${body}`).digest("base64url"));
});
