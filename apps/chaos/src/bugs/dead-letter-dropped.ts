import type { Engine, EngineInput } from "@waybill/queue";
import { withApply } from "./with-apply.ts";

/** The failure that would use an event's attempts up is taken for an ack: the event is settled, and nobody ever hears of it. */
export function dropping(engine: Engine, { failedMax }: { failedMax: number }): Engine {
  const failedBefore = new Map<number, number>();

  function changed(input: EngineInput): EngineInput {
    if (input.type !== "settle" || !input.settle.nacks) return input;
    const isLast = ({ token }: { token: number }) => (failedBefore.get(token) ?? 0) + 1 >= failedMax;
    const dropped = input.settle.nacks.filter(isLast).map(({ token }): [number, number] => [token, token]);
    const nacks = input.settle.nacks.filter((nack) => !isLast(nack));
    return { ...input, settle: { ...input.settle, acks: [...(input.settle.acks ?? []), ...dropped], nacks } };
  }

  return withApply(engine, (inputs, moment, out) => {
    const from = out.length;
    engine.apply(inputs.map(changed), moment, out);
    for (const effect of out.slice(from)) {
      if (effect.type === "deliver")
        for (const [index, { failed }] of effect.items.entries()) failedBefore.set(effect.first + index, failed);
    }
  });
}
