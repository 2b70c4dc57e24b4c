/** The hub of a run, over all its lives. It may be killed, and started until it is ready, whatever stands in its way just then. */

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Exit, type History, type Program, type RunningHub, type Supervisor, startHub } from "@waybill/testkit";

export type HubOptions = {
  supervisor: Supervisor;
  dataDir: string;
  args: readonly string[];
  /** Of --bug, where it is one of the hub's. */
  bug: string | null;
  env: NodeJS.ProcessEnv;
  /** Of Node itself. */
  nodeArgs: readonly string[];
  /** What it says, over all lives. */
  log: History;
  /** It ended, and nobody had killed it. It is started again. */
  onEnd(exit: Exit, program: Program): void;
};

export type HubProcess = {
  readonly hub: RunningHub;
  kill(): Promise<void>;
  /** The hub's own numbers; `null`: no answer. */
  metrics(): Promise<ReadonlyMap<string, number> | null>;
};

/** On a machine that is busy with other things a start takes many times its usual second. */
const READY_MS = 120_000;
const AGAIN_MS = 100;
const ANSWER_MS = 5_000;

export async function startHubProcess(options: HubOptions): Promise<HubProcess> {
  const { supervisor, dataDir, args, bug } = options;
  let isStarted = false;
  let isReady = false;
  let isReviving: Promise<void> | null = null;
  const script = fileURLToPath(new URL(bug === null ? "../../../hub/bin/hub.js" : "../bugs/hub-with-bug.ts", import.meta.url));

  const hub = await startHub({
    supervisor,
    dataDir,
    args,
    script,
    nodeArgs: options.nodeArgs,
    env: { ...options.env, ...(bug === null ? {} : { WAYBILL_CHAOS_BUG: bug }) },
    readyMs: READY_MS,
    onLine: (line) => options.log.write(line),
    onText: (text) => options.log.write({ text }),
    onCrash(exit, program) {
      if (!isStarted) return; // Who starts it is told.
      // A start that the disk does not allow is refused, and tried again.
      if (isReady || !/STORAGE_(FULL|FAILED)/.test(program.stderrTail.join("\n"))) options.onEnd(exit, program);
      void revive();
    },
  });
  const { program } = hub;
  // The first restart fixes the port for all that follow.
  await hub.killAndRestart();
  isStarted = true;
  isReady = true;

  /** Until it is ready: a full disk may refuse it for a while. */
  function revive(): Promise<void> {
    isReviving ??= (async () => {
      for (;;) {
        isReady = false;
        if (!program.running) program.restart();
        isReady = await program
          .awaitLine((line) => line.msg === "ready", { timeoutMs: READY_MS })
          .then(
            () => true,
            () => false,
          );
        if (isReady) break;
        await program.kill();
        await sleep(AGAIN_MS);
      }
      isReviving = null;
    })();
    return isReviving;
  }

  return {
    hub,
    async kill() {
      if (isReviving !== null) return isReviving;
      isReady = false;
      await program.kill();
      return revive();
    },
    async metrics() {
      try {
        const response = await fetch(`${hub.url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
        return readMetrics(await response.text());
      } catch {
        return null;
      }
    },
  };
}

/** Sums over the labels of each name. */
export function readMetrics(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([a-z_]+)(?:\{.*\})? ([-+0-9.e]+)$/i.exec(line);
    if (match?.[1]) values.set(match[1], (values.get(match[1]) ?? 0) + Number(match[2]));
  }
  return values;
}
