/** Three projects of old clients, as different as they are, on one hub that is killed between all that they do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type CapsHub, startCapsHub } from "../src/caps-hub.ts";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";

const projects = { "flower-shop": "1-206-flowers", harbour: "harbour-goods", bakery: "the-bakery" } as const;
/** Orders are called by these: an order's id is the company's. */
const goods = { "flower-shop": "rose", harbour: "crate", bakery: "bread" } as const;
type Project = keyof typeof projects;
const names = Object.keys(projects) as Project[];
const dialects = ["/caps", "/shipping:PICKUP:IN_TRANSIT:DELIVERED", "/:pickup:inTransit:delivered"];

/** It takes seconds; but a machine may have other things to do. */
const patiently = { timeout: 120_000, interval: 100 };

const running: ChildProcess[] = [];
afterEach(() => {
  for (const program of running.splice(0)) program.kill("SIGKILL");
});

/** Starts one of the old programs; `said` has its lines by their first word. */
function start(hub: CapsHub, project: Project, ...args: string[]) {
  const path = fileURLToPath(new URL(`../../../examples/old-clients/${project}.js`, import.meta.url));
  const program = spawn(process.execPath, [path, hub.capsUrl, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  running.push(program);
  const said = { ordered: new Set<string>(), delivered: new Set<string>(), thanked: new Set<string>() };
  createInterface({ input: program.stdout }).on("line", (line) => {
    const order = line.split(" ").at(-1) ?? "";
    if (line.startsWith("ordered")) said.ordered.add(order);
    if (line.startsWith("delivered")) said.delivered.add(order);
    if (line.startsWith("thank you")) said.thanked.add(order);
  });
  const stop = async () => {
    program.kill("SIGKILL");
    await once(program, "exit");
  };
  return { project, said, stop };
}

/** What is on disk, as an operator sees it. */
async function operatorOf(hub: CapsHub): Promise<PlainClient> {
  return connectPlain(hub.url, "/admin", hub.token({ role: "admin" }));
}
async function stored(operator: PlainClient, project: Project, type: string): Promise<number> {
  const reply = await operator.request("queue:peek", { queue: `store/${projects[project]}`, from: 1, limit: 500, type });
  return (reply.events as unknown[] | undefined)?.length ?? 0;
}
async function allStored(hub: CapsHub, type: string, count: number): Promise<void> {
  const operator = await operatorOf(hub);
  for (const project of names) await expect.poll(() => stored(operator, project, type), patiently).toBe(count);
  operator.close();
}

test("stores and drivers that are never there together, and a hub that is killed in between: nothing is missed", {
  timeout: 480_000,
}, async () => {
  await using hub = await startCapsHub({ stores: Object.values(projects), dialects });

  const early = names.map((project) => start(hub, project, "store", "3"));
  await allStored(hub, "ready", 3);
  await Promise.all(early.map((store) => store.stop()));
  await hub.killAndRestart();

  const drivers = names.map((project) => start(hub, project, "driver"));
  await allStored(hub, "delivered", 3);
  await hub.killAndRestart();

  // The drivers were there all the time, and most of them do not say again who they are.
  const late = names.map((project) => start(hub, project, "store", "2", `late-${goods[project]}`));
  for (const { project, said } of late) {
    const expected = [1, 2, 3]
      .map((number) => `${goods[project]}-${number}`)
      .concat(`late-${goods[project]}-1`, `late-${goods[project]}-2`);
    await expect.poll(() => [...said.thanked].sort(), patiently).toEqual(expected.sort());
  }
  expect(drivers).toHaveLength(3);

  const operator = await operatorOf(hub);
  for (const store of Object.values(projects)) {
    const pending = async () => (await operator.request("sub:info", { queue: `store/${store}`, group: "caps" })).subscription;
    await expect.poll(pending, patiently).toMatchObject({ pending: 0, stuck: 0 });
  }
  operator.close();
});
