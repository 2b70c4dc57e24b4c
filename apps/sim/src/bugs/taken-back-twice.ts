import { withApply } from "@waybill/chaos/src/bugs/with-apply.ts";
import type { Engine } from "@waybill/queue";
import { stateOf } from "@waybill/queue/src/engine.ts";

/** An operator's retry leaves it to whoever comes back to take the count back that is not there any more. */
export function takingBackTwice(engine: Engine): Engine {
  const { window } = stateOf(engine);
  return withApply(engine, (inputs, moment, out) => {
    const isRetried = inputs.some(({ type }) => type === "retry-key");
    const blames = isRetried ? window.items().map((item) => [item, item.blame] as const) : [];
    engine.apply(inputs, moment, out);
    for (const [item, blame] of blames) if (item.blame !== null) item.blame = blame;
  });
}
