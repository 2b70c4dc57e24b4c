import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createSupervisor, type Exit } from "@waybill/testkit";
import { expect, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub } from "../src/test-hub.ts";

const hubScript = fileURLToPath(new URL("../../hub/bin/hub.js", import.meta.url));

/** A hub that cannot start: what it says and how it ends. */
async function failingHub(dataDir: string) {
  await using supervisor = createSupervisor();
  const { promise, resolve } = Promise.withResolvers<{ code: Exit["code"]; stderr: string }>();
  const program = supervisor.start({
    name: "second hub",
    script: hubScript,
    args: ["--port", "0", "--data", dataDir, "--log", "json"],
    onCrash: ({ code }) => resolve({ code, stderr: program.stderrTail.join("\n") }),
  });
  return await promise;
}

test("a second hub on the same data folder is refused, and the first goes on unharmed", async () => {
  await using hub = await startTestHub();
  const driver = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  await driver.request("pickup", { store: "acme", parcel: "p1", id: "e1" });
  const second = await failingHub(hub.running.dataDir);
  expect(second.code).toBe(3);
  expect(second.stderr).toMatch(/DATA_HELD.*Another hub runs on/);
  expect(await driver.request("delivered", { store: "acme", parcel: "p1", id: "e2" })).toMatchObject({ outcome: "stored", offset: 2 });
  expect(await driver.request("pickup", { store: "acme", parcel: "p1", id: "e1" })).toMatchObject({ outcome: "duplicate", offset: 1 });
  driver.close();
});

test("a data folder of a newer version is refused before anything in it is touched", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "waybill-newer-"));
  const hub = await startTestHub({ dataDir });
  await hub[Symbol.asyncDispose]();
  const file = join(dataDir, "waybill.db");
  const db = new DatabaseSync(file);
  db.exec("PRAGMA user_version = 999");
  db.close();
  const before = statSync(file);
  const refused = await failingHub(dataDir);
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/DATA_TOO_NEW.*format 999/) });
  expect(statSync(file).mtimeMs).toBe(before.mtimeMs);
  rmSync(dataDir, { recursive: true });
});

test("a file that is no database of Waybill's is refused, and left as it is", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "waybill-other-"));
  const db = new DatabaseSync(join(dataDir, "waybill.db"));
  db.exec("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1; PRAGMA application_id = 7");
  db.close();
  expect(await failingHub(dataDir)).toMatchObject({ code: 3, stderr: expect.stringContaining("DATA_DAMAGED") });
  rmSync(dataDir, { recursive: true });
});
