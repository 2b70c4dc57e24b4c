import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningHub, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

let hub: RunningHub;
let folder: string;
beforeAll(async () => {
  hub = await startHub();
  folder = mkdtempSync(join(tmpdir(), "waybill-driver-"));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});
const envOf = (driver: string) => ({ WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "driver", sub: driver, driver }) });
const line = (store: string, parcel: string, type = "delivered") => `${JSON.stringify({ type, store, parcel })}\n`;

test("a confirm per line in the order of the input; a bad line is refused with number, path and reason, the others are stored", async () => {
  const input = `${line("acme", "P-1", "pickup")}{oops\n\n${line("acme", "P-1", "eaten")}${line("NO STORE", "P-1")}${line("acme", "P-1", "delivered")}`;
  const { code, records } = await runProgram(["publish"], { env: envOf("dana"), input });
  expect(records).toMatchObject([
    { line: 1, outcome: "stored", queue: "store/acme", offset: 1 },
    { line: 2, outcome: "refused", error: { code: "INVALID_MESSAGE" } },
    { line: 4, outcome: "refused", error: { code: "UNKNOWN_TYPE" } },
    { line: 5, outcome: "refused", error: { code: "INVALID_EVENT", issues: [{ path: "store" }] } },
    { line: 6, outcome: "stored", queue: "store/acme", offset: 2 },
  ]);
  expect(code).toBe(1);
});

test("ten thousand lines: each confirmed, in order, and exit code 0", async () => {
  const input = Array.from({ length: 10_000 }, (_, i) => line("many", `P-${i}`)).join("");
  const { code, records } = await runProgram(["publish"], { env: envOf("dana"), input });
  expect(code).toBe(0);
  expect(records.map((record) => record.offset)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
});

test("with an outbox file, what the hub has not confirmed is sent by the next start, before anything new", async () => {
  const outbox = join(folder, "eli.outbox");
  const away = { ...envOf("eli"), WAYBILL_URL: "http://127.0.0.1:9" };
  const offline = await runProgram(["publish", "--outbox", outbox, "--within", "100ms"], { env: away, input: line("later", "P-1") });
  expect(offline.records).toMatchObject([{ line: 1, outcome: "outbox" }]);
  expect(offline.code).toBe(0);
  expect(offline.stderr).toContain('"what":"waiting"');
  const online = await runProgram(["publish", "--outbox", outbox], { env: envOf("eli"), input: line("later", "P-2") });
  expect(online.records).toMatchObject([{ outcome: "stored", queue: "store/later", offset: 2 }]);
});

test("a token that the hub refuses ends it with exit code 3 and what to do", async () => {
  const { code, stderr } = await runProgram(["publish"], {
    env: { ...envOf("dana"), WAYBILL_TOKEN: "no.such.token" },
    input: line("acme", "P-1"),
  });
  expect(stderr).toMatch(/error UNAUTHORIZED: .*\n.*Get a new one/);
  expect(code).toBe(3);
});

test("called wrongly: exit code 2 and the option's name", async () => {
  const { code, stderr } = await runProgram(["publish", "--within", "1s"], { env: envOf("dana") });
  expect(stderr).toContain("--outbox FILE");
  expect(code).toBe(2);
});
