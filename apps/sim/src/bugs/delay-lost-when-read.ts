import { withApply } from "@waybill/chaos/src/bugs/with-apply.ts";
import type { Engine, EngineInput, Entry } from "@waybill/queue";

/** What comes from the publisher waits for its time; what is read from storage goes at once. */
export function undelayed(engine: Engine): Engine {
  return withApply(engine, (inputs, moment, out) => engine.apply(inputs.map(changed), moment, out));
}

function changed(input: EngineInput): EngineInput {
  return input.type === "loaded" || input.type === "loaded-parked" ? { ...input, entries: input.entries.map(atOnce) } : input;
}

function atOnce({ notBeforeMs: _, ...entry }: Entry): Entry {
  return entry;
}
