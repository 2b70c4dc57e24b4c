import { HubError, type HubErrorCode, limits } from "@waybill/events";
import type { NameKind, Storage } from "@waybill/storage";

const unknownCode: Record<NameKind, HubErrorCode> = { store: "UNKNOWN_STORE", driver: "UNKNOWN_DRIVER", zone: "UNKNOWN_ZONE" };

type NamesOf = Record<NameKind, ReadonlySet<string>>;

export type KnownNames = {
  /** What is known of a tenant by now, to be asked for many names at once. */
  of(tenant: string): NamesOf;
  isCached(tenant: string, kind: NameKind, id: string): boolean;
  /** The ids among these that stay unknown: asks the storage, and in an open hub makes them known. */
  missing(tenant: string, kind: NameKind, ids: readonly string[]): Promise<Set<string>>;
  add(tenant: string, kind: NameKind, ids: readonly string[]): Promise<number>;
  error(kind: NameKind, id: string): HubError;
};

const nobody: ReadonlySet<string> = new Set();
const nothing: NamesOf = { store: nobody, driver: nobody, zone: nobody };

/** Stores, drivers and zones that exist, remembered after the first look. Nothing makes a name unknown again. */
export function createKnownNames(storage: Storage, options: { open: boolean }): KnownNames {
  /** By tenant and kind: it is asked for each event, and joining three words into one key cost as much as storing it did. */
  const known = new Map<string, Record<NameKind, Set<string>>>();
  const countOf = new Map<NameKind, number>();
  const of = (tenant: string): NamesOf => known.get(tenant) ?? nothing;
  const isCached = (tenant: string, kind: NameKind, id: string) => of(tenant)[kind].has(id);
  const learn = (tenant: string, kind: NameKind, id: string) => {
    const kinds = known.get(tenant) ?? { store: new Set(), driver: new Set(), zone: new Set() };
    known.set(tenant, kinds);
    kinds[kind].add(id);
  };

  const add = async (tenant: string, kind: NameKind, ids: readonly string[]) => {
    const added = await storage.addNames(tenant, kind, ids);
    for (const id of ids) learn(tenant, kind, id);
    countOf.set(kind, (countOf.get(kind) ?? 0) + added);
    return added;
  };

  return {
    of,
    isCached,
    add,
    async missing(tenant, kind, ids) {
      const unsure = [...new Set(ids)].filter((id) => !isCached(tenant, kind, id));
      if (unsure.length === 0) return new Set();
      const has = await storage.hasNames(tenant, kind, unsure);
      const missing = unsure.filter((id, index) => {
        if (has[index]) learn(tenant, kind, id);
        return !has[index];
      });
      if (!options.open) return new Set(missing);
      const room = Math.max(0, limits.openNamesMax - (countOf.get(kind) ?? 0));
      const welcome = missing.slice(0, room);
      if (welcome.length > 0) await add(tenant, kind, welcome);
      return new Set(missing.slice(room));
    },
    error: (kind, id) =>
      new HubError(
        unknownCode[kind],
        options.open
          ? `The ${kind} "${id}" is new, and this open hub has made ${limits.openNamesMax} names known already; add it: npm run waybill -- ${kind} add ${id}`
          : `Nobody made the ${kind} "${id}" known to this hub; add it: npm run waybill -- ${kind} add ${id}`,
      ),
  };
}
