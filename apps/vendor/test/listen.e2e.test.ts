import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, type Driver } from "@waybill/client";
import { createSupervisor, type JsonLine, type Program, type RunningHub, type Supervisor, startHub } from "@waybill/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runProgram, script } from "./run-program.ts";

let hub: RunningHub;
let driver: Driver;
let folder: string;
let supervisor: Supervisor;
let runs = 0;
/** A store of its own for each test. */
let store: string;

beforeAll(async () => {
  hub = await startHub({ args: ["--backoff", "10ms"] });
  driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
  folder = mkdtempSync(join(tmpdir(), "waybill-vendor-"));
});
afterAll(async () => {
  await driver.close();
  await hub.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  runs += 1;
  store = `store-${runs}`;
  supervisor = createSupervisor();
});
afterEach(() => supervisor.close());

const env = () => ({ WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "vendor", sub: store, stores: [store] }) });
const publish = (parcel: string, type: "pickup" | "in-transit" | "delivered") => driver.publish({ type, parcel, store });

/** A vendor, and all that it has said so far; `says` resolves when that is enough. */
function startVendor(...args: string[]): { vendor: Program; said: JsonLine[]; says(enough: number | (() => boolean)): Promise<void> } {
  const said: JsonLine[] = [];
  const waiting = new Map<() => boolean, () => void>();
  const vendor = supervisor.start({
    name: "vendor",
    script,
    args,
    env: { ...process.env, ...env() },
    onLine: (line) => {
      said.push(line);
      for (const [isEnough, resolve] of waiting) if (isEnough()) resolve();
    },
  });
  return {
    vendor,
    said,
    says(enough) {
      const isEnough = typeof enough === "number" ? () => said.length >= enough : enough;
      return isEnough() ? Promise.resolve() : new Promise((resolve) => waiting.set(isEnough, resolve));
    },
  };
}
const offsets = (said: readonly JsonLine[]) => said.map((line) => Number(line.offset));

test("stopped, and started again: it gets all that it missed, in order, before anything new", async () => {
  const { vendor, said, says } = startVendor("--store", store);
  await publish("P-1", "pickup");
  await says(1);
  expect(await vendor.stop()).toEqual({ code: 0, signal: null });
  for (const parcel of ["P-1", "P-2", "P-3"]) await publish(parcel, "in-transit");
  await publish("P-1", "delivered");
  vendor.restart();
  await says(5);
  await publish("P-4", "pickup");
  await says(6);
  expect(offsets(said)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("killed in the middle, it gets what it had not acknowledged again, and nothing is missing", async () => {
  const { vendor, said, says } = startVendor("--store", store);
  for (let i = 0; i < 50; i += 1) void publish(`P-${i % 5}`, "in-transit");
  await says(10);
  await vendor.kill();
  vendor.restart();
  await publish("P-last", "delivered");
  await says(() => new Set(offsets(said)).size === 51);
  expect(Math.max(...offsets(said))).toBe(51);
});

describe("--exec", () => {
  test("each event is on the command's stdin with its environment; exit code 0 acknowledges", async () => {
    const file = join(folder, store);
    const { said, says } = startVendor(
      "--store",
      store,
      "--exec",
      `{ cat; echo "$WAYBILL_EVENT_TYPE $WAYBILL_PARCEL $WAYBILL_OFFSET"; } >> ${file}`,
    );
    await publish("P-1", "pickup");
    await says(1);
    const [event, told] = readFileSync(file, "utf8").split("\n");
    expect(JSON.parse(event ?? "")).toMatchObject({ type: "pickup", parcel: "P-1", store });
    expect(told).toBe("pickup P-1 1");
    expect(said).toMatchObject([{ outcome: "acked", offset: 1 }]);
  });

  test("another exit code brings the event back with the reason; its parcel waits, others go on", async () => {
    const mark = join(folder, store);
    const { said, says } = startVendor(
      "--store",
      store,
      "--exec",
      `[ "$WAYBILL_PARCEL $WAYBILL_EVENT_TYPE" != "P-1 pickup" ] || [ "$WAYBILL_ATTEMPT" -ge 3 ] || { touch ${mark}; echo no paper >&2; exit 7; }`,
    );
    await publish("P-1", "pickup");
    await publish("P-1", "delivered");
    await publish("P-2", "pickup");
    await says(5);
    const of = (parcel: string) =>
      said.filter((line) => JSON.stringify(line).includes(`"${parcel}"`)).map(({ offset, attempt, outcome }) => [offset, attempt, outcome]);
    expect(of("P-1")).toEqual([
      [1, 1, "failed"],
      [1, 2, "failed"],
      [1, 3, "acked"],
      [2, 1, "acked"],
    ]);
    expect(of("P-2")).toEqual([[3, 1, "acked"]]);
    expect(said.find((line) => line.outcome === "failed")).toMatchObject({ reason: "no paper" });
    expect(existsSync(mark)).toBe(true);
  });

  test("SIGTERM waits for the command that runs, and its event is acknowledged", async () => {
    const [started, go] = [join(folder, `${store}.started`), join(folder, `${store}.go`)];
    const { vendor, said, says } = startVendor(
      "--store",
      store,
      "--exec",
      `echo started >&2; touch ${started}; while [ ! -e ${go} ]; do sleep 0.05; done`,
    );
    const running = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!existsSync(started)) return;
        clearInterval(look);
        resolve();
      }, 20);
    });
    await publish("P-1", "pickup");
    await running;
    const ended = vendor.stop();
    writeFileSync(go, "");
    await says(1);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(said).toMatchObject([{ outcome: "acked", attempt: 1 }]);
    vendor.restart();
    await publish("P-2", "pickup");
    await says(2);
    expect(said[1]).toMatchObject({ offset: 2 });
  });
});

test("a group of its own gets the history from where it begins; --types keeps only what is wanted", async () => {
  for (const type of ["pickup", "in-transit", "delivered"] as const) await publish("P-1", type);
  const all = startVendor("--group", "audit", "--from", "start");
  await all.says(3);
  const late = startVendor("--group", "late", "--from", "offset:2");
  await late.says(2);
  const ends = startVendor("--group", "ends", "--from", "start", "--types", "delivered,returned");
  await ends.says(1);
  expect([offsets(all.said), offsets(late.said), offsets(ends.said)]).toEqual([[1, 2, 3], [2, 3], [3]]);
});

describe("refused before anything starts", () => {
  test.each([
    [["--types", "eaten"], 2, "eaten is no event type"],
    [["--from", "start"], 2, "name a new one with --group"],
    [["--group", "audit", "--from", "yesterday"], 2, "offset:N"],
    [["--store", "NO STORE"], 2, "lower-case letters"],
    [["--token", "no.such.token"], 3, "error UNAUTHORIZED"],
    [["--store", "another"], 3, "error FORBIDDEN"],
  ])("%j", async (args, code, message) => {
    const ended = await runProgram(args, { env: env() });
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
  });
});

test("when nobody reads its lines any more it ends, and what was not written is not acknowledged", async () => {
  for (let i = 1; i <= 3; i += 1) await publish(`P-${i}`, "pickup");
  const child = spawn(process.execPath, [script, "--concurrency", "1"], {
    env: { ...process.env, ...env() },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdout.once("data", () => child.stdout.destroy());
  await new Promise((resolve) => child.stdout.once("close", resolve));
  await publish("P-4", "pickup");
  expect(await ended).toBe(0);
  const { said, says } = startVendor();
  await says(() => offsets(said).includes(4));
  expect(said.find((line) => line.offset === 4)).toMatchObject({ outcome: "acked" });
});
