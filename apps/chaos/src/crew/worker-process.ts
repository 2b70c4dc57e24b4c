/** A client process over all its lives, behind a network of its own. It writes its own history; what it says here is only for the supervisor. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Exit, JsonLine, Program, Supervisor } from "@waybill/testkit";
import { type BrokenLink, createLink } from "../faults/broken-link.ts";
import type { Counts } from "../workers/worker.ts";
import type { WorkerConfig } from "../workers/worker-config.ts";
import { PYTHON } from "./python.ts";

export type WorkerProcess = {
  readonly kind: WorkerConfig["kind"];
  readonly name: string;
  readonly program: Program;
  readonly link: BrokenLink;
  readonly config: WorkerConfig;
  /** Lives that ended by a SIGKILL of their own, as an event's fate or a fault wanted. */
  readonly deaths: number;
  /** Killed, and kept from starting again. */
  readonly isAway: boolean;
  /** As it told last. */
  readonly counts: Counts;
  kill(): Promise<void>;
  /** Killed, until it comes back. */
  leave(): Promise<void>;
  comeBack(): void;
  /** No more publishes, in this life and those to come. */
  stopProducing(): void;
};

export type WorkerOptions = {
  supervisor: Supervisor;
  hubPort: number;
  chance: () => number;
  config: Omit<WorkerConfig, "url">;
  /** It ended by itself, and not by a SIGKILL of its own: the run cannot be judged. */
  onCrash(exit: Exit, program: Program): void;
};

function programOf(kind: WorkerConfig["kind"]): { script: string; runtime?: string } {
  const script = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
  return kind === "python" ? { script: script("python_worker.py"), runtime: PYTHON } : { script: script(`${kind}-worker.ts`) };
}

export async function startWorker({ supervisor, hubPort, chance, config: given, onCrash }: WorkerOptions): Promise<WorkerProcess> {
  const link = await createLink({ port: hubPort }, chance);
  const config: WorkerConfig = { ...given, url: link.url };
  const configFile = join(config.dir, "config.json");
  mkdirSync(config.dir, { recursive: true });
  writeFileSync(configFile, JSON.stringify(config));
  let counts: Counts = { confirmed: 0, pending: 0, applied: 0, active: true, connected: false };
  let deaths = 0;
  let isStopped = false;
  let isAway = false;

  const start = () => {
    if (program.running || isAway) return;
    counts = { ...counts, connected: false };
    program.restart();
    if (isStopped) program.tell({ stop: true });
  };
  const program: Program = supervisor.start({
    name: config.name,
    ...programOf(config.kind),
    args: [configFile],
    onLine({ msg, confirmed, pending, applied, active, connected }: JsonLine) {
      if (msg !== "progress") return;
      counts = {
        confirmed: Number(confirmed),
        pending: Number(pending),
        applied: Number(applied),
        active: active === true,
        connected: connected === true,
      };
    },
    onCrash(exit) {
      if (exit.signal !== "SIGKILL") return onCrash(exit, program);
      deaths++;
      start();
    },
  });

  return {
    kind: config.kind,
    name: config.name,
    program,
    link,
    config,
    get deaths() {
      return deaths;
    },
    get isAway() {
      return isAway;
    },
    get counts() {
      return counts;
    },
    async kill() {
      await program.kill();
      start();
    },
    async leave() {
      isAway = true;
      await program.kill();
    },
    comeBack() {
      isAway = false;
      start();
    },
    stopProducing() {
      isStopped = true;
      program.tell({ stop: true });
    },
  };
}

const LOOK_MS = 20;

/** All of them that are not kept away, at once; or so long has passed. */
export async function untilConnected(workers: readonly WorkerProcess[], forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs && workers.some(({ isAway, counts }) => !isAway && !counts.connected)) await sleep(LOOK_MS);
}
