import { fileURLToPath } from "node:url";
import { gcOnSignal } from "../../crew/bench-hub.ts";
import { settledMemoryMb } from "../../measure/memory.ts";
import { profilingArgs } from "../../measure/profiling.ts";
import type { StartPeer } from "../peer.ts";
import { measuresOf } from "../programs.ts";

const relayScript = fileURLToPath(new URL("./relay.ts", import.meta.url));
const READY_MS = 60_000;

/** Bare Socket.IO, in a process of its own. */
export async function startRelay({ supervisor, profile }: StartPeer) {
  const program = supervisor.start({ name: "relay", script: relayScript, nodeArgs: [...gcOnSignal, ...profilingArgs(profile)] });
  const ready = () => program.awaitLine(({ msg }) => msg === "ready", { timeoutMs: READY_MS });
  const url = String((await ready()).url);
  return {
    url,
    ...measuresOf(program),
    memoryMb: () => settledMemoryMb(program),
    async killAndRestart() {
      await program.kill();
      program.restart({ args: [new URL(url).port] });
      await ready();
    },
    [Symbol.asyncDispose]: async () => void (await program.stop()),
  };
}
