/** One schedule's world with all that stands in it: the network, the disks, who lives, and what was written down. */
import type { HubClock } from "@waybill/hub/src/hub-parts.ts";
import { createChance } from "@waybill/testkit";
import { History } from "../judge/history.ts";
import type { Plan } from "../plan/plan.ts";
import { Disk } from "../world/disk.ts";
import { Network } from "../world/network.ts";
import type { Scene } from "../world/scene.ts";
import { StorageModel } from "../world/storage-model.ts";
import { type Process, World } from "../world/world.ts";

export class Stage implements Scene {
  readonly plan: Plan;
  readonly world: World;
  readonly network: Network;
  readonly disk: Disk;
  readonly storage: StorageModel;
  readonly history = new History();
  readonly engine: Scene["engine"];
  /** From now on nothing is broken any more, and handlers work. */
  isHealed = false;
  #hubClock: HubClock | null = null;
  #hubMs = 0;
  /** Of lives: each process of a program has a name of its own. */
  #lives = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.world = new World(plan.seed, (owner, error) => this.crashed(owner, error));
    this.network = new Network(this.world, plan.settings.network);
    this.disk = new Disk(this.world);
    this.storage = new StorageModel(this.world);
    this.storage.syncMs = plan.settings.syncMs;
    this.engine = plan.settings.engine;
  }

  spawn(name: string): Process {
    return this.world.spawn(`${name}#${++this.#lives}`);
  }

  chanceOf(what: string): ReturnType<typeof createChance> {
    return createChance(`${this.plan.seed}/${what}`);
  }

  crashed(owner: Process, error: unknown): void {
    this.history.find("crash", `${owner.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  /** A hub has begun with this clock. */
  hubStarted(clock: HubClock): void {
    this.#hubMs = this.hubMs;
    this.#hubClock = clock;
  }

  /** As far as any hub's time has ever gone: what a hub has lost of it by its death counts. */
  get hubMs(): number {
    return Math.max(this.#hubMs, this.#hubClock?.nowMs() ?? 0);
  }

  onEngineFault(error: unknown): void {
    this.history.find("engine", error instanceof Error ? error.message : String(error));
  }
}
