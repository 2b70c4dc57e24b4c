/** Stands where the hub expects `@waybill/queue`: the engine itself, with a window that small schedules fill, looked at after each step. */
import { withApply } from "@waybill/chaos/src/bugs/with-apply.ts";
import { checkInvariants, createEngine as create, type Engine, type EngineOptions, type Restored } from "@waybill/queue";
import { inEngine } from "../bugs/plant.ts";
import { theScene } from "./scene.ts";

// biome-ignore lint/performance/noBarrelFile: it stands for the whole package; all but the engine is passed on.
export * from "@waybill/queue";

export function createEngine(options: EngineOptions, restored: Restored): Engine {
  const scene = theScene();
  const engine = create({ ...options, ...scene.engine }, restored);
  const watched = withApply(engine, (inputs, moment, out) => {
    engine.apply(inputs, moment, out);
    try {
      checkInvariants(engine);
    } catch (error) {
      scene.onEngineFault(error);
    }
  });
  return inEngine(watched, options);
}
