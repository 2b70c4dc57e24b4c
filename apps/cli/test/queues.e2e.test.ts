import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createDriver } from "@waybill/client";
import { createSupervisor, type RunningHub, type Supervisor, startHub } from "@waybill/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram, script } from "./run-program.ts";

const execute = promisify(execFile);

/** One for all; the first test lists all of its queues. */
let hub: RunningHub;
let supervisor: Supervisor;
beforeAll(async () => {
  hub = await startHub();
  supervisor = createSupervisor();
});
afterAll(async () => {
  await supervisor.close();
  await hub.close();
});

const env = () => ({ WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "admin", sub: "ada" }) });
const waybill = (...args: string[]) => runProgram(args, { env: env() });

async function publish(store: string, ...ids: string[]) {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
  for (const id of ids) await driver.publish({ type: "pickup", store, parcel: id.slice(0, 2), id });
}

test("queues are listed, shown and peeked into", async () => {
  await publish("acme", "p1-1", "p1-2", "p2-1");
  await publish("beta", "p3-1");
  expect((await waybill("queue", "ls")).records).toEqual([
    { queue: "store/acme", head: 3, firstKept: 1, pending: 3 },
    { queue: "store/beta", head: 1, firstKept: 1, pending: 1 },
  ]);
  expect((await waybill("queue", "info", "store/acme")).records).toMatchObject([{ head: 3, groups: [{ group: "main", pending: 3 }] }]);
  const offsets = async (...args: string[]) => (await waybill("queue", "peek", "store/acme", ...args)).records.map(({ offset }) => offset);
  expect(await offsets("--last", "1")).toEqual([3]);
  expect(await offsets("--from", "1", "--parcel", "p1")).toEqual([1, 2]);
  expect(await waybill("queue", "peek", "store/acme", "--from", "1", "--last", "1")).toMatchObject({ code: 2 });
  expect(await waybill("queue", "inof", "store/acme")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Did you mean queue info?"),
  });
  expect(await waybill("queue", "info", "store/nowhere")).toMatchObject({ code: 3, stderr: expect.stringContaining("UNKNOWN_STORE") });
});

test("tail prints each event once, in order, over a kill of the hub, says so, and ends cleanly when it is asked to", async () => {
  const said: string[] = [];
  const printed: number[] = [];
  const tail = supervisor.start({
    name: "tail",
    script,
    args: ["tail", "store/cod", "--from", "1"],
    env: { ...process.env, ...env() },
    onLine: (line) => printed.push(Number(line.offset)),
    onText: (line) => said.push(line),
  });
  const second = tail.awaitLine(({ id }) => id === "p1-2");
  await publish("cod", "p1-1", "p1-2");
  await second;
  const third = tail.awaitLine(({ id }) => id === "p1-3");
  await hub.killAndRestart();
  await publish("cod", "p1-3");
  await third;
  expect(printed).toEqual([1, 2, 3]);
  expect(await tail.stop()).toMatchObject({ code: 0 });
  // Looked at when it has ended: two pipes have no order among them.
  expect(said.join("\n")).toMatch(/The hub is away \(\w+\); waiting for it\.\nThe hub is back; going on\./);
});

test("who has seen enough ends a tail quietly", async () => {
  await publish("acme", "p1-1", "p1-2", "p1-3");
  const command = `"${process.execPath}" "${script}" tail --all --from 1 | head -1`;
  const running = execute("/bin/sh", ["-c", command], { env: { ...process.env, ...env() } });
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  // It notices that nobody reads any more when it prints the next event.
  for (let n = 4; !isOver; n++) await publish("acme", `p1-${n}`);
  const { stdout, stderr } = await running;
  expect(JSON.parse(stdout)).toMatchObject({ queue: "store/acme", offset: 1, id: "p1-1" });
  expect(stderr).toBe("");
});
