/**
 * One schedule, from its seed to its verdict:
 *
 *   the plan's load and faults, by their times ── heal: all ends, all live ── tidy up, until nothing is owed ── judge
 */
import { breakThing } from "./crew/break-things.ts";
import type { ClientProgram } from "./crew/client-program.ts";
import { DriverProgram } from "./crew/driver-program.ts";
import { HubProgram } from "./crew/hub-program.ts";
import { Operator } from "./crew/operator.ts";
import { printOf } from "./crew/print.ts";
import { Stage } from "./crew/stage.ts";
import { VendorProgram } from "./crew/vendor-program.ts";
import { drain } from "./drain.ts";
import type { Finding } from "./judge/history.ts";
import { type Account, judge, type KeptEvent } from "./judge/judge.ts";
import type { Plan } from "./plan/plan.ts";
import type { Act } from "./plan/step.ts";
import { enter } from "./world/globals.ts";
import { setScene } from "./world/scene.ts";
import type { Kept } from "./world/storage-model.ts";

export type Outcome = {
  /** Of all that happened, in its order. */
  hash: string;
  tasks: number;
  virtualMs: number;
  confirmed: number;
  handled: number;
  findings: readonly Finding[];
};

/** Call it from Node's loop. `without`: steps of the plan, by number, that are left out. */
export function runPlan(plan: Plan, without: ReadonlySet<number>): Outcome {
  const stage = new Stage(plan);
  enter(stage.world);
  setScene(stage);
  try {
    const accounts = play(stage, plan, without);
    judge(stage.history, stage.storage.kept.map(keptEvent), accounts);
  } finally {
    enter(null);
    setScene(null);
  }
  const { world, history } = stage;
  const confirmed = [...history.publications.values()].filter(({ isConfirmed }) => isConfirmed).length;
  return {
    hash: world.hash,
    tasks: world.tasks,
    virtualMs: Math.round(world.nowMs),
    confirmed,
    handled: history.effects.length,
    findings: history.findings,
  };
}

function play(stage: Stage, plan: Plan, without: ReadonlySet<number>): readonly Account[] {
  const { world } = stage;
  const hub = new HubProgram(stage);
  const operator = new Operator(stage);
  const tries = new Map<string, number>();
  const restart = (vendor: VendorProgram): void => void world.after(500, world.director, () => vendor.start());
  const clients = new Map<string, ClientProgram>();
  for (const name of plan.drivers) clients.set(name, new DriverProgram(stage, name));
  for (const vendor of plan.vendors) clients.set(vendor.name, new VendorProgram(stage, vendor, { tries, restart }));

  const act = (what: Act): void => {
    if (what.kind === "publish") clients.get(what.who)?.publish(what);
    else if (what.kind === "trim") trim(hub, what.keep);
    else operator.act(what);
  };
  const { director } = world;
  hub.start();
  for (const client of clients.values()) client.start();
  for (const [number, step] of plan.steps.entries()) {
    if (without.has(number)) continue;
    world.at(step.atMs, director, () => ("act" in step ? act(step.act) : breakThing(stage, { hub, clients }, step.fault)));
  }
  world.run(plan.faultsMs, () => false);

  heal(stage, hub, clients);
  const accounts = drain(stage, operator, clients);
  for (const client of clients.values()) client.tellRefused();
  return accounts;
}

/** Nothing is broken from here on: who is down or paused lives, disks write, handlers work. */
function heal(stage: Stage, hub: HubProgram, clients: ReadonlyMap<string, ClientProgram>): void {
  const { world, network, storage, disk, plan } = stage;
  stage.isHealed = true;
  network.slowness = 1;
  storage.refuses = null;
  storage.syncMs = plan.settings.syncMs;
  disk.failing.clear();
  if (hub.process) world.resume(hub.process);
  hub.start();
  for (const link of network.links) link.cutAfter = 0;
  for (const client of clients.values()) client.healed();
}

function trim({ storage }: HubProgram, keep: number): void {
  void storage?.trim({ beforeMs: 0, queueEventsMax: keep }).catch(() => {});
}

function keptEvent({ body, ...event }: Kept): KeptEvent {
  const said: { data?: { driver?: string } } & Parameters<typeof printOf>[0] = JSON.parse(Buffer.from(body).toString());
  const driver = event.type === "pickup" ? (event.id.split("-")[0] ?? null) : (said.data?.driver ?? null);
  return { ...event, print: printOf(said), driver };
}
