import type { DeliveryItem, Engine } from "@waybill/queue";
import { withApply } from "./with-apply.ts";

/** An event that is offered again and the next of its parcel change places in the frame. */
export function swapping(engine: Engine): Engine {
  return withApply(engine, (inputs, moment, out) => {
    const from = out.length;
    engine.apply(inputs, moment, out);
    for (const [index, effect] of out.entries()) {
      if (index >= from && effect.type === "deliver") out[index] = { ...effect, items: swapped(effect.items) };
    }
  });
}

function swapped(items: readonly DeliveryItem[]): DeliveryItem[] {
  const changed = [...items];
  for (const [index, item] of items.entries()) {
    const next = items.findIndex((other, at) => at > index && other.entry.key === item.entry.key);
    const other = items[next];
    if (item.failed + item.interrupted === 0 || !other || changed[index] !== item) continue;
    changed[index] = other;
    changed[next] = item;
  }
  return changed;
}
