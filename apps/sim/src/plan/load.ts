/** Who publishes what, when; and what operators do meanwhile. */
import type { EventType } from "@waybill/events";
import type { Chance } from "@waybill/testkit";
import type { Size } from "./size.ts";
import { type Act, type Step, storesOf, type Vendor, zone } from "./step.ts";

type Crowd = { drivers: string[]; vendors: Vendor[]; fromMs: number; untilMs: number; size: Size };

const carried = ["in-transit", "attempt-failed", "delivered", "returning", "message"] as const;

export function drawLoad(chance: Chance, crowd: Crowd): Step[] {
  const parcels = Array.from({ length: chance.int(...crowd.size.parcels) }, (_, at) => `p${at + 1}`);
  const steps = parcels.flatMap((parcel) => (chance.hit(0.35) ? drawJob(chance, parcel, crowd) : drawCarried(chance, parcel, crowd)));
  const operations = chance.hit(0.5) ? chance.int(...crowd.size.operations) : 0;
  const trims = chance.hit(crowd.size.trims) ? chance.int(1, 3) : 0;
  return [
    ...steps,
    ...Array.from({ length: operations }, () => drawOperation(chance, crowd)),
    ...Array.from({ length: trims }, () => drawTrim(chance, crowd)),
  ];
}

/** In one schedule of five some events are to be handled later. Drawn beside all else: the other four are what they would be without. */
export function delayed(chance: Chance, steps: readonly Step[]): Step[] {
  if (!chance.hit(0.2)) return [...steps];
  return steps.map((step) => {
    if (!("act" in step) || step.act.kind !== "publish" || !chance.hit(0.25)) return step;
    return { ...step, act: { ...step.act, delayMs: chance.pick([100, 1_500, 6_000]) } };
  });
}

/** In one schedule of five who publishes wants to hear, of some events, that they were processed. Drawn beside all else, as delays are. */
export function receipted(chance: Chance, steps: readonly Step[]): Step[] {
  if (!chance.hit(0.2)) return [...steps];
  return steps.map((step) => {
    if (!("act" in step) || step.act.kind !== "publish" || !chance.hit(0.5)) return step;
    return { ...step, act: { ...step.act, receipt: true } };
  });
}

/** A parcel in a driver's bag: now and then two drivers scan it. */
function drawCarried(chance: Chance, parcel: string, { drivers, vendors, fromMs, untilMs, size }: Crowd): Step[] {
  const store = chance.pick(storesOf(vendors));
  const who = chance.pick(drivers);
  const burst = chance.hit(0.3);
  const start = chance.int(fromMs, untilMs);
  return Array.from({ length: chance.int(...size.events) }, () => {
    const type = chance.pick(carried);
    const act: Act = {
      kind: "publish",
      who: chance.hit(0.1) ? chance.pick(drivers) : who,
      type,
      parcel,
      store,
      data: dataOf(type, chance),
    };
    return { atMs: burst ? start + chance.int(0, 20) : chance.int(fromMs, untilMs), act };
  });
}

/** A parcel that waits in the pool: its store may cancel it and ask again; a driver may scan it without having it. */
function drawJob(chance: Chance, parcel: string, { drivers, vendors, fromMs, untilMs }: Crowd): Step[] {
  const vendor = chance.pick(vendors.filter(({ group }) => group === "main"));
  const store = chance.pick(vendor.stores);
  const by = (who: string, type: EventType, data: Record<string, string>): Act => ({ kind: "publish", who, type, parcel, store, data });
  const steps: Step[] = [{ atMs: chance.int(fromMs, untilMs), act: by(vendor.name, "ready", { zone }) }];
  if (chance.hit(0.3)) steps.push({ atMs: chance.int(fromMs, untilMs), act: by(vendor.name, "cancelled", {}) });
  if (chance.hit(0.3)) steps.push({ atMs: chance.int(fromMs, untilMs), act: by(vendor.name, "ready", { zone }) });
  if (chance.hit(0.3)) steps.push({ atMs: chance.int(fromMs, untilMs), act: by(chance.pick(drivers), "pickup", {}) });
  if (chance.hit(0.3)) steps.push({ atMs: chance.int(fromMs, untilMs), act: by(vendor.name, "message", { text: "at the back door" }) });
  return steps;
}

function drawOperation(chance: Chance, { vendors, fromMs, untilMs }: Crowd): Step {
  const { group } = chance.pick(vendors);
  const queue = `store/${chance.pick(storesOf(vendors))}`;
  const atMs = chance.int(fromMs, untilMs);
  const kind = chance.pick(["pause", "resume", "retry", "skip", "redrive", "discard", "policy"] as const);
  return { atMs, act: { kind, queue, group } };
}

/** While something is read and handled, or a while later. */
function drawTrim(chance: Chance, { fromMs, untilMs }: Crowd): Step {
  return { atMs: chance.int(fromMs, untilMs + 1_500), act: { kind: "trim", keep: chance.int(0, 3) } };
}

function dataOf(type: (typeof carried)[number], chance: Chance): Record<string, string> {
  switch (type) {
    case "attempt-failed":
      return { reason: chance.pick(["nobody-home", "refused"]), action: "retry" };
    case "message":
      return { text: "on my way" };
    default:
      return { note: `seen ${chance.int(1, 1_000)}` };
  }
}
