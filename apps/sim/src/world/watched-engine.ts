/** Stands where the hub expects `@waybill/queue`: the engine itself, with a window that small schedules fill, looked at after each step. */
import { withApply } from "@waybill/chaos/src/bugs/with-apply.ts";
import { checkInvariants, createEngine as create, type Engine, type EngineOptions, type Restored } from "@waybill/queue";
import { plantedBug } from "../bugs/catalogue.ts";
import { inEngine } from "../bugs/plant.ts";
import { takingBackTwice } from "../bugs/taken-back-twice.ts";
import { theScene } from "./scene.ts";

// biome-ignore lint/performance/noBarrelFile: it stands for the whole package; all but the engine is passed on.
export * from "@waybill/queue";

export function createEngine(options: EngineOptions, restored: Restored): Engine {
  const scene = theScene();
  const made = create({ ...options, ...scene.engine }, restored);
  const engine = plantedBug() === "taken-back-twice" ? takingBackTwice(made) : made;
  const watched = withApply(engine, (inputs, moment, out) => {
    engine.apply(inputs, moment, out);
    try {
      checkInvariants(made);
    } catch (error) {
      scene.onEngineFault(error);
    }
  });
  return inEngine(watched, options);
}
