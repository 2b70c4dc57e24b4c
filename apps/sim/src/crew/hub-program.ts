/** The hub as a program of the simulated world: the shipped core on the modelled storage, behind the modelled sockets. */
import type { Server as HttpServer } from "node:http";
import { limits, type Role } from "@waybill/events";
import { createAuthenticate } from "@waybill/hub/src/auth/authenticate.ts";
import type { Identity } from "@waybill/hub/src/auth/tokens.ts";
import { createHubClock } from "@waybill/hub/src/clock.ts";
import { openSocketEdge } from "@waybill/hub/src/edge/socket-edge.ts";
import { createHub, type Hub } from "@waybill/hub/src/hub.ts";
import type { HubParts } from "@waybill/hub/src/hub-parts.ts";
import type { Storage } from "@waybill/storage";
import type { Namespace } from "socket.io";
import { inClock, inStorage } from "../bugs/plant.ts";
import type { Process } from "../world/world.ts";
import type { Stage } from "./stage.ts";

/** What stands in a token's place: a name and its rights, unsigned. */
export type Pass = { role: Role; subject: string; driver?: string; stores?: readonly string[] | "*" };
export const passOf = (pass: Pass): string => JSON.stringify(pass);

const farAwayMs = 365 * 86_400_000;

const tokens = {
  verify: async (token: string): Promise<Identity> => {
    const { role, subject, driver, stores = [] }: Pass = JSON.parse(token);
    return { role, subject, stores, tenant: "default", expMs: Date.now() + farAwayMs, ...(driver === undefined ? {} : { driver }) };
  },
  sign: () => Promise.reject(new Error("Nobody signs here.")),
};

export class HubProgram {
  readonly #stage: Stage;
  process: Process | null = null;
  #core: Hub | null = null;
  storage: Storage | null = null;
  #isDraining = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  start(): void {
    const { world } = this.#stage;
    if (this.process !== null) return;
    const owner = this.#stage.spawn("hub");
    this.process = owner;
    this.#isDraining = false;
    world.after(0, owner, () => void this.#open(owner));
  }

  /** `isTold`: its kernel closes its connections; else its machine is gone. */
  kill({ isTold }: { isTold: boolean }): void {
    const { world, network, storage } = this.#stage;
    const owner = this.process;
    if (owner === null) return;
    world.kill(owner);
    storage.died(owner);
    network.hubGone(owner, isTold);
    this.process = null;
    this.#core = null;
    this.storage = null;
  }

  /** As after a SIGTERM. `done` when it has ended by itself. */
  drain(done: () => void): void {
    const { world } = this.#stage;
    const owner = this.process;
    const core = this.#core;
    if (owner === null || core === null || this.#isDraining) return;
    this.#isDraining = true;
    world.after(0, owner, () => {
      core.close().then(
        () => {
          if (this.process !== owner) return;
          this.kill({ isTold: true });
          world.after(0, world.director, done);
        },
        (error: unknown) => this.#stage.crashed(owner, error),
      );
    });
  }

  async #open(owner: Process): Promise<void> {
    const program = this;
    const { storage, network, plan } = this.#stage;
    const opened = inStorage(await storage.open(owner));
    this.storage = opened;
    const { hub } = plan.settings;
    const engine = network.listen(owner);
    let isBound = false;
    const report = { requestRefused: () => {}, warn: () => {}, fault: (message: string, error: unknown) => this.#fault(message, error) };
    const authenticate = createAuthenticate({
      tokens,
      wallMs: () => Date.now(),
      report,
      onAccepted(socket) {
        openSocketEdge(socket, { report, isDraining: () => program.#core?.isDraining() ?? false });
        return true;
      },
      onRefused: () => {},
    });
    const { leaseMs, offerMs, idleMs, drainMs, ...attempts } = hub;
    const clock = createHubClock(opened.info.hubTimeMs);
    this.#stage.hubStarted(clock);
    this.#core = createHub({
      storage: opened,
      clock: inClock(clock),
      proof: this.#proof(),
      config: { open: true, leaseMs, offerMs, idleMs, pickupDueMs: 60_000, drainMs, engine: attempts },
      socketOptions: { connectTimeout: limits.connectTimeoutMs, serveClient: false },
      // Nothing listens: Socket.IO is bound to the simulated network instead.
      http: undefined as unknown as HttpServer,
      // Nobody asks for them here.
      backups: {} as HubParts["backups"],
      report: () => Promise.reject(new Error("There is no report in a simulated hub.")),
      guard(namespace: Namespace) {
        // As much of an Engine.IO server as Socket.IO uses: `connection` and `close`.
        if (!isBound) namespace.server.bind(engine as unknown as Parameters<typeof namespace.server.bind>[0]);
        isBound = true;
        namespace.use(authenticate);
      },
    });
  }

  #proof(): HubParts["proof"] {
    const nothing = (): void => {};
    return {
      connected: nothing,
      left: nothing,
      published: nothing,
      stored: nothing,
      duplicates: nothing,
      refused: nothing,
      delivered: nothing,
      settled: nothing,
      failed: nothing,
      warn: nothing,
      fault: (message, error) => this.#fault(message, error),
    };
  }

  /** A disk that refuses is no fault of the hub's; all else that it reports as one is. */
  #fault(message: string, error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "STORAGE_FULL" || code === "STORAGE_FAILED") return;
    this.#stage.history.find("crash", `hub: ${message}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
