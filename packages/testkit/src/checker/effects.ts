import type { Publication, Publications } from "./publications.ts";
import type { VendorRecord } from "./records.ts";
import type { Tenures } from "./tenures.ts";
import type { Findings } from "./verdict.ts";

export type Applied = Extract<VendorRecord, { kind: "applied" }>;

/** What the order of a parcel is judged by: when its publisher meant it, and when it knew the hub had it. */
type Known = { producer: string; place: number; intentT: number; confirmedT: number };

/** The vendors' effects, by parcel, each with what was known of it by others. */
export function createEffects(publications: Publications, tenures: Tenures, findings: Findings) {
  const seen = new Set<string>();
  const places = new Map<string, string>();
  const byParcel = new Map<string, Applied[]>();
  const hubEvents = new Map<string, number>();
  const handledByType = new Map<string, number>();
  let repeats = 0;

  function apply(effect: Applied): void {
    const { id, parcel, queue, offset } = effect;
    const once = `${id} ${effect.redrive}`;
    if (seen.has(once)) {
      findings.add({ kind: "applied-twice", parcel, message: `${effect.type} ${id} was applied again, from ${queue} at ${offset}.` });
      return;
    }
    seen.add(once);
    const place = `${queue} ${offset}`;
    const tenant = places.get(place) ?? id;
    if (tenant !== id) findings.add({ kind: "moved", parcel, message: `${queue} at ${offset} was ${tenant}, and then ${id}.` });
    places.set(place, id);
    const list = byParcel.get(parcel);
    if (list) list.push(effect);
    else byParcel.set(parcel, [effect]);
    if (effect.redrive > 0) return;
    if (isOfHub(effect)) matchHubEvent(effect);
    else matchPublication(effect);
  }

  function count(type: string): void {
    handledByType.set(type, (handledByType.get(type) ?? 0) + 1);
  }

  function matchPublication(effect: Applied): void {
    const { id, parcel, queue, offset } = effect;
    const event = publications.byId.get(id);
    if (!event || event.parcel !== parcel || event.type !== effect.type || queue !== event.queue) {
      findings.add({ kind: "invented", parcel, message: `${effect.type} ${id} of ${parcel} in ${queue}: nobody published this.` });
      return;
    }
    count(effect.type);
    if (event.refused)
      findings.add({ kind: "refused-applied", parcel, message: `${effect.type} ${id} was refused (${event.refused}), and applied.` });
    if (event.offset !== 0 && event.offset !== offset) {
      findings.add({
        kind: "moved",
        parcel,
        message: `${effect.type} ${id} was confirmed at ${event.offset}, and applied from ${offset}.`,
      });
    }
  }

  function matchHubEvent(effect: Applied): void {
    const { parcel, type, driver = "" } = effect;
    const isAsked = type === "claimed" ? tenures.wasAsked(parcel, driver) : tenures.wasHandedBack(parcel, driver);
    if (!isAsked) {
      findings.add({ kind: "invented", parcel, message: `${type} of ${parcel} by ${driver}: that driver never asked for it.` });
      return;
    }
    count(type);
    const key = `${type} ${parcel} ${driver}`;
    hubEvents.set(key, (hubEvents.get(key) ?? 0) + 1);
  }

  return {
    byParcel,
    handledByType,
    get repeats() {
      return repeats;
    },
    add(record: VendorRecord): void {
      if (record.kind === "applied") apply(record);
      else repeats++;
    },
    has: (event: Publication): boolean => seen.has(`${event.id} 0`),
    /** `claimed` events applied of this driver and parcel. */
    claimed: (parcel: string, driver: string): number => hubEvents.get(`claimed ${parcel} ${driver}`) ?? 0,
  };
}
export type Effects = ReturnType<typeof createEffects>;

/** By the hub alone: nobody publishes them. */
export const isOfHub = ({ type }: { type: string }): boolean => type === "claimed" || type === "released";

/**
 * In the order of a parcel's effects: offsets rise; what one producer meant in an order came in it; and what was
 * confirmed before another event was even meant, by whomever, came before that. Redriven ones come late, and say so.
 */
export function findMisordered(effects: Effects, publications: Publications, tenures: Tenures, findings: Findings): void {
  for (const [parcel, all] of effects.byParcel) {
    const offsets = new Map<string, number>();
    const places = new Map<string, number>();
    const claims = new Map<string, number>();
    let latestIntentT = Number.NEGATIVE_INFINITY;
    for (const effect of all.toSorted((a, b) => a.t - b.t)) {
      if (effect.redrive > 0) continue;
      const known = isOfHub(effect) ? claimOf(effect, claims, tenures) : publicationOf(effect, publications);
      const late: string[] = [];
      if (effect.offset <= (offsets.get(effect.queue) ?? 0)) late.push("its offset is below the one before");
      offsets.set(effect.queue, effect.offset);
      if (known) {
        if (known.place <= (places.get(known.producer) ?? 0)) late.push("its producer meant it earlier");
        if (known.confirmedT < latestIntentT) late.push("it was confirmed before the one applied before it was meant");
        places.set(known.producer, known.place);
        latestIntentT = Math.max(latestIntentT, known.intentT);
      }
      if (late.length > 0)
        findings.add({ kind: "misordered", parcel, message: `${effect.type} ${effect.id} at ${effect.offset}: ${late.join("; ")}.` });
    }
  }
}

function publicationOf(effect: Applied, publications: Publications): Known | null {
  const event = publications.byId.get(effect.id);
  return event ? { ...event, confirmedT: event.confirmedT ?? Number.POSITIVE_INFINITY } : null;
}

/** The n-th `claimed` of a driver and parcel is its n-th tenure. Without one (the answer never came) nothing is known of its time. */
function claimOf(effect: Applied, claims: Map<string, number>, tenures: Tenures): Known | null {
  const { type, parcel, driver = "" } = effect;
  if (type !== "claimed") return null;
  const nth = claims.get(driver) ?? 0;
  claims.set(driver, nth + 1);
  const tenure = tenures.of(parcel, driver)[nth];
  return tenure ? { producer: `claims of ${driver}`, place: nth + 1, intentT: tenure.takeT, confirmedT: tenure.heldT } : null;
}

/** Parcels that are in a pool after their last effect. */
export function countWaiting(effects: Effects): number {
  let waiting = 0;
  for (const all of effects.byParcel.values()) {
    let isWaiting = false;
    for (const { type } of all.toSorted((a, b) => a.t - b.t)) {
      if (type === "ready" || type === "released") isWaiting = true;
      else if (type === "claimed" || type === "pickup" || type === "cancelled") isWaiting = false;
    }
    if (isWaiting) waiting++;
  }
  return waiting;
}
