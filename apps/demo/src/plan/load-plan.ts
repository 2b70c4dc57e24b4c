import { genDay } from "./gen-day.ts";
import type { PlannedParcel } from "./planned-parcel.ts";
import { BadFileError, type BadRow, readOrders } from "./read-orders.ts";

export type PlanOptions = {
  /** CSV of orders; absent: a made-up day. */
  file?: string;
  /** Only the parcels of so many stores, the busiest first. */
  stores?: number;
  seed: number;
};

/** A file with rows that cannot be replayed. Nothing was started. */
export class BadRowsError extends BadFileError {
  override readonly name = "BadRowsError";
  readonly rows: readonly BadRow[];
  constructor(path: string, rows: readonly BadRow[]) {
    const shown = rows.slice(0, 20).map(({ line, reason }) => `  line ${line}: ${reason}`);
    const more = rows.length > shown.length ? [`  … and ${rows.length - shown.length} more`] : [];
    super(
      [
        `${path} has ${rows.length} bad ${rows.length === 1 ? "row" : "rows"}; mend or remove them. Nothing was replayed.`,
        ...shown,
        ...more,
      ].join("\n"),
    );
    this.rows = rows;
  }
}

/** Parcels in the order of their first step. Rejects with BadFileError, or with why the file cannot be read. */
export async function loadPlan({ file, stores, seed }: PlanOptions): Promise<PlannedParcel[]> {
  const all = file === undefined ? genDay({ seed, parcels: 600, stores: 40, zones: 4 }) : await readPlan(file);
  const kept = stores === undefined ? all : ofBusiestStores(all, stores);
  return kept.toSorted((a, b) => firstMs(a) - firstMs(b));
}

async function readPlan(file: string): Promise<PlannedParcel[]> {
  const bad: BadRow[] = [];
  const plan: PlannedParcel[] = [];
  for await (const planned of readOrders(file, (row) => bad.push(row))) plan.push(planned);
  if (bad.length > 0)
    throw new BadRowsError(
      file,
      bad.toSorted((a, b) => a.line - b.line),
    );
  return plan;
}

function ofBusiestStores(plan: readonly PlannedParcel[], count: number): PlannedParcel[] {
  const parcels = new Map<string, number>();
  for (const { store } of plan) parcels.set(store, (parcels.get(store) ?? 0) + 1);
  const busiest = [...parcels].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1)).slice(0, count);
  const kept = new Set(busiest.map(([store]) => store));
  return plan.filter(({ store }) => kept.has(store));
}

const firstMs = ({ steps: [first] }: PlannedParcel): number => (first ? Date.parse(first.at) : 0);
