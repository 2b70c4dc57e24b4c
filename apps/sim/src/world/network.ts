/**
 * The network between programs and the hub, in memory: what a WebSocket gives, and takes. Messages of one direction keep their
 * order; each takes its time. A link is
 *
 *   dialing ── the hub takes it ──► open      ── nobody listens ──► refused
 *   open    ── one end closes ──► closed (the other end hears of it behind what was sent before)
 *           ── cut ──► closed (what is under way is lost; both ends hear of it)
 *           ── silent: nothing arrives, in one direction or both ──► each end finds out by its own heartbeat, or it ends in time
 */
import { EventEmitter } from "node:events";
import { type Chance, hash32 } from "@waybill/testkit";
import { HubConn } from "./hub-conn.ts";
import type { Process, World } from "./world.ts";

export type Data = string | Uint8Array;
export type Direction = "up" | "down";
export const directions = ["up", "down"] as const;

/** One end of a link, as the link sees it. */
export interface End {
  readonly owner: Process;
  opened?(): void;
  received(data: Data): void;
  pinged?(): void;
  ponged?(): void;
  closed(why: string): void;
}

export type NetworkSettings = { latencyMs: number; jitterMs: number; pingIntervalMs: number; pingTimeoutMs: number };

type Message = { kind: "data"; data: Data } | { kind: "open" | "ping" | "pong" | "close" };
const kinds: readonly Message["kind"][] = ["data", "open", "ping", "pong", "close"];

export class Link {
  readonly client: End;
  readonly name: string;
  hub: HubConn | null = null;
  /** Nothing is delivered any more, in either direction. */
  isOver = false;
  /** The next so many messages to the client, then it is cut: an answer that is lost. */
  cutAfter = 0;
  readonly #network: Network;
  readonly #chance: Chance;
  readonly #print: number;
  readonly #lastMs: Record<Direction, number> = { up: 0, down: 0 };
  readonly #silentUntilMs: Record<Direction, number> = { up: 0, down: 0 };

  constructor(network: Network, client: End, name: string) {
    this.#network = network;
    this.client = client;
    this.name = name;
    this.#chance = network.world.chance.split(name);
    this.#print = hash32(name);
  }

  /** Nothing arrives for so long; then all that was sent does, late. */
  silence(direction: Direction, ms: number): void {
    this.#silentUntilMs[direction] = Math.max(this.#silentUntilMs[direction], this.#network.world.nowMs + ms);
  }

  send(direction: Direction, message: Message): void {
    const { world } = this.#network;
    if (direction === "down" && message.kind === "data" && this.cutAfter > 0) {
      this.cutAfter -= 1;
      if (this.cutAfter === 0) this.cut();
    }
    if (this.isOver) return;
    const atMs = Math.max(this.#lastMs[direction], world.nowMs + this.#latencyMs(), this.#silentUntilMs[direction]);
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#lastMs[direction] = atMs;
    const owner = direction === "up" ? this.#network.hubOwner(this) : this.client.owner;
    if (owner !== null) world.at(atMs, owner, () => this.#arrive(direction, message));
  }

  /** As a reset connection: what is under way is lost. */
  cut(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { world } = this.#network;
    const { client, hub } = this;
    world.after(this.#latencyMs(), client.owner, () => client.closed("transport error"));
    if (hub !== null) world.after(this.#latencyMs(), hub.owner, () => hub.closed("transport error"));
    this.#network.forget(this);
  }

  /** One end is gone, and the other is not told: it has to notice by itself. */
  vanish(): void {
    this.silence("up", Number.POSITIVE_INFINITY);
    this.silence("down", Number.POSITIVE_INFINITY);
  }

  #latencyMs(): number {
    const { latencyMs, jitterMs } = this.#network.settings;
    return (latencyMs + this.#chance.next() * jitterMs) * this.#network.slowness;
  }

  #arrive(direction: Direction, message: Message): void {
    if (this.isOver) return;
    const end: End | null = direction === "up" ? this.hub : this.client;
    if (end === null) return;
    const size = message.kind === "data" ? message.data.length : 0;
    this.#network.world.note(this.#print, size * 16 + kinds.indexOf(message.kind) * 2 + (direction === "up" ? 1 : 0));
    switch (message.kind) {
      case "open":
        end.opened?.();
        break;
      case "data":
        end.received(message.data);
        break;
      case "ping":
        end.pinged?.();
        break;
      case "pong":
        end.ponged?.();
        break;
      case "close":
        this.isOver = true;
        this.#network.forget(this);
        end.closed("transport close");
    }
  }
}

export class Network {
  readonly world: World;
  readonly settings: NetworkSettings;
  /** Latencies are multiplied by this. */
  slowness = 1;
  readonly links = new Set<Link>();
  #hub: { owner: Process; engine: EventEmitter } | null = null;
  #dialed = 0;

  constructor(world: World, settings: NetworkSettings) {
    this.world = world;
    this.settings = settings;
  }

  /** The hub that is reached from now on. What its Socket.IO is bound to. */
  listen(owner: Process): EventEmitter & { close(): void } {
    const engine = Object.assign(new EventEmitter(), {
      close: () => {
        for (const link of [...this.links]) if (link.hub?.owner === owner) link.hub.close();
      },
    });
    this.#hub = { owner, engine };
    return engine;
  }

  /** Nobody listens any more. `isTold`: the kernel resets the links of the dead process. */
  hubGone(owner: Process, isTold: boolean): void {
    if (this.#hub?.owner === owner) this.#hub = null;
    for (const link of [...this.links]) {
      if (link.hub === null || link.hub.owner !== owner) continue;
      if (isTold) link.cut();
      else link.vanish();
    }
  }

  clientGone(owner: Process, isTold: boolean): void {
    for (const link of this.linksOf(owner)) {
      if (isTold) link.cut();
      else link.vanish();
    }
  }

  linksOf(owner: Process): Link[] {
    return [...this.links].filter((link) => link.client.owner === owner);
  }

  hubOwner(link: Link): Process | null {
    return link.hub?.owner ?? this.#hub?.owner ?? null;
  }

  dial(client: End): Link {
    const link = new Link(this, client, `${client.owner.name}.${++this.#dialed}`);
    this.links.add(link);
    const hub = this.#hub;
    const arriveMs = this.settings.latencyMs * this.slowness;
    if (hub === null) {
      link.isOver = true;
      this.links.delete(link);
      this.world.after(arriveMs, client.owner, () => client.closed("connection refused"));
      return link;
    }
    this.world.after(arriveMs, hub.owner, () => this.#accept(link, hub));
    return link;
  }

  forget(link: Link): void {
    this.links.delete(link);
  }

  #accept(link: Link, { owner, engine }: { owner: Process; engine: EventEmitter }): void {
    if (link.isOver) return;
    link.hub = new HubConn({ link, owner, settings: this.settings });
    link.send("down", { kind: "open" });
    engine.emit("connection", link.hub);
  }
}
