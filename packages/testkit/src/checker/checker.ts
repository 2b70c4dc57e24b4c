/**
 * The independent judge: reads what publishers and vendors wrote of themselves, and nothing of the hub's. Feed it all
 * publishers' files first, then the vendors' (of one group); linear in the records, apart from sorting each parcel's few.
 */
import { countWaiting, createEffects, findMisordered } from "./effects.ts";
import { createPublications } from "./publications.ts";
import { isPublisherRecord, isVendorRecord } from "./records.ts";
import { createTenures, findHeldTwice } from "./tenures.ts";
import { createFindings, type TypeCounts, type Verdict } from "./verdict.ts";

export type Checker = {
  /** One file of a driver or a store's publisher, in its order. Lines of other kinds are passed over. */
  publisher(records: AsyncIterable<unknown> | Iterable<unknown>): Promise<void>;
  /** One vendor's effects, in their order. */
  vendor(records: AsyncIterable<unknown> | Iterable<unknown>): Promise<void>;
  /** Once, at the end. */
  verdict(): Verdict;
};

export function createChecker(): Checker {
  const findings = createFindings();
  const publications = createPublications();
  const tenures = createTenures();
  const effects = createEffects(publications, tenures, findings);

  return {
    async publisher(records) {
      for await (const record of records) {
        if (!isPublisherRecord(record)) continue;
        tenures.add(record);
        const moved = publications.add(record);
        if (moved) findings.add({ kind: "moved", parcel: "", message: `${moved.moved} was confirmed at two offsets.` });
      }
    },
    async vendor(records) {
      for await (const record of records) if (isVendorRecord(record)) effects.add(record);
    },
    verdict() {
      const byType = countByType();
      findLost();
      findMisordered(effects, publications, tenures, findings);
      findHeldTwice(tenures, cancelIntents(), findings);
      findUnheldPickups();
      const total = (count: (counts: TypeCounts) => number) =>
        Object.entries(byType).reduce((sum, [type, counts]) => sum + (type === "claimed" || type === "released" ? 0 : count(counts)), 0);
      return {
        published: publications.byId.size,
        confirmed: total((counts) => counts.confirmed),
        handled: total((counts) => counts.handled),
        refused: [...publications.byId.values()].filter((event) => event.refused !== null).length,
        lost: findings.counts.lost,
        misordered: findings.counts.misordered,
        appliedTwice: findings.counts["applied-twice"],
        invented: findings.counts.invented,
        heldTwice: findings.counts["held-twice"],
        duplicatesRemoved: publications.repeats + effects.repeats,
        waiting: countWaiting(effects),
        taken: tenures.count(),
        byType,
        violations: { ...findings.counts },
        examples: findings.examples,
      };
    },
  };

  function countByType(): Record<string, TypeCounts> {
    const byType: Record<string, TypeCounts> = {};
    const of = (type: string): TypeCounts => {
      byType[type] ??= { published: 0, confirmed: 0, handled: 0 };
      return byType[type];
    };
    for (const event of publications.byId.values()) {
      of(event.type).published++;
      if (event.confirmedT !== null) of(event.type).confirmed++;
    }
    for (const [type, handled] of effects.handledByType) of(type).handled = handled;
    const taken = tenures.count();
    if (taken > 0) Object.assign(of("claimed"), { published: taken, confirmed: taken });
    return byType;
  }

  function findLost(): void {
    for (const event of publications.byId.values()) {
      if (event.confirmedT === null || effects.has(event)) continue;
      const where = event.offset === 0 ? event.queue : `${event.queue} at ${event.offset}`;
      findings.add({
        kind: "lost",
        parcel: event.parcel,
        message: `${event.type} ${event.id} was confirmed (${where}) and never applied.`,
      });
    }
    for (const [parcel, all] of tenures.byParcel) {
      for (const driver of new Set(all.map((tenure) => tenure.driver))) {
        const missing = tenures.of(parcel, driver).length - effects.claimed(parcel, driver);
        for (let n = 0; n < missing; n++)
          findings.add({ kind: "lost", parcel, message: `${driver} took ${parcel}; its store was never told (claimed).` });
      }
    }
  }

  function cancelIntents(): ReadonlyMap<string, readonly number[]> {
    const intents = new Map<string, number[]>();
    for (const event of publications.byId.values()) {
      if (event.type === "cancelled")
        intents.set(
          event.parcel,
          [...(intents.get(event.parcel) ?? []), event.intentT].sort((a, b) => a - b),
        );
    }
    return intents;
  }

  /** A driver's producer is named by the driver. Parcels that nobody ever took are nobody's business but the driver's. */
  function findUnheldPickups(): void {
    for (const event of publications.byId.values()) {
      if (event.type !== "pickup" || event.confirmedT === null || !tenures.byParcel.has(event.parcel)) continue;
      if (tenures.wasAsked(event.parcel, event.producer)) continue;
      findings.add({
        kind: "picked-up-unheld",
        parcel: event.parcel,
        message: `${event.producer} picked ${event.parcel} up and never asked for the job.`,
      });
    }
  }
}
