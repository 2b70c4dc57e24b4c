import { createEngine as create, type Engine, type EngineOptions, type Restored } from "@waybill/queue";
import { dropping } from "./dead-letter-dropped.ts";
import { believingStaleOwners } from "./lease-without-fencing.ts";
import { swapping } from "./swap-in-retry.ts";

// biome-ignore lint/performance/noBarrelFile: it stands in for the whole package; all else is the true one's.
export * from "@waybill/queue";

export function createEngine(options: EngineOptions, restored: Restored): Engine {
  const engine = create(options, restored);
  switch (process.env.WAYBILL_CHAOS_BUG) {
    case "dead-letter-dropped":
      return dropping(engine, options);
    case "swap-in-retry":
      return swapping(engine);
    case "lease-without-fencing":
      return believingStaleOwners(engine);
    default:
      throw new Error("This is none of the engine's bugs.");
  }
}
