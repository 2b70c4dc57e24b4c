import type { ConsumerId, Engine, EngineInput } from "@waybill/queue";
import { withApply } from "./with-apply.ts";

type Lease = { token: number; consumer: ConsumerId };

/** An ack with the token of a lease that is over is taken as its successor's: it settles what another one has in hand. */
export function believingStaleOwners(engine: Engine): Engine {
  const offsetOf = new Map<number, number>();
  const current = new Map<number, Lease>();

  function believed(input: EngineInput): EngineInput[] {
    if (input.type !== "settle") return [input];
    const { epoch } = input.settle;
    const extra: EngineInput[] = [];
    for (const [from, to] of input.settle.acks ?? []) {
      for (let token = from; token <= to; token++) {
        const lease = current.get(offsetOf.get(token) ?? 0);
        if (!lease || lease.token === token) continue;
        extra.push({ type: "settle", consumer: lease.consumer, settle: { epoch, acks: [[lease.token, lease.token]] } });
      }
    }
    return [...extra, input];
  }

  return withApply(engine, (inputs, moment, out) => {
    const from = out.length;
    engine.apply(inputs.flatMap(believed), moment, out);
    for (const effect of out.slice(from)) {
      if (effect.type !== "deliver") continue;
      for (const [index, { entry }] of effect.items.entries()) {
        const token = effect.first + index;
        offsetOf.set(token, entry.offset);
        current.set(entry.offset, { token, consumer: effect.consumer });
      }
    }
  });
}
