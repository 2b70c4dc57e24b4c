import type { z } from "zod";
import { parseCsv } from "./csv.ts";

/** `line`: where it stands first. */
export type BadId = { line: number; id: string; reason: string; times: number };
/** Both in the order of the file, each id once. */
export type ReadIds = { ids: string[]; bad: BadId[] };

export type ReadIdsOptions = {
  /** The column to read, by the name in the header. Default: the file is one id per line, or names one of `knownColumns`. */
  column?: string | undefined;
  /** Headers that say by themselves which column is meant, e.g. `store_id`. */
  knownColumns: readonly string[];
  /** Fold upper case into lower case first. */
  lowerCase?: boolean;
  /** What an id must be. */
  schema: z.ZodType<string>;
};

export const nameHint = "lower-case letters, digits and -, at most 63";

/** The ids of a file: one per line, or a column of CSV. Throws an Error when the column is not there. */
export function readIds(text: string, { column, knownColumns, lowerCase = false, schema }: ReadIdsOptions): ReadIds {
  const rows = parseCsv(text.replace(/^\uFEFF/, ""));
  const header = rows[0]?.cells.map((cell) => cell.trim()) ?? [];
  const index = column === undefined ? header.findIndex((name) => knownColumns.includes(name)) : header.indexOf(column);
  if (column !== undefined && index < 0) throw new Error(`No column is called "${column}"; the first line names ${header.join(", ")}.`);
  if (index < 0 && header.length > 1)
    throw new Error(`Which column? None of ${header.join(", ")} is called ${knownColumns.join(" or ")}; name it with --column.`);
  const cells = (index < 0 ? rows : rows.slice(1)).map(({ line, cells }) => ({ line, text: cells[Math.max(index, 0)]?.trim() ?? "" }));
  return checkIds(lowerCase ? cells.map(({ line, text }) => ({ line, text: text.toLowerCase() })) : cells, schema);
}

function checkIds(cells: { line: number; text: string }[], schema: z.ZodType<string>): ReadIds {
  const ids = new Set<string>();
  const bad = new Map<string, BadId>();
  for (const { line, text } of cells) {
    if (schema.safeParse(text).success) {
      ids.add(text);
      continue;
    }
    const id = text.slice(0, 80);
    const known = bad.get(id);
    if (known) known.times += 1;
    else bad.set(id, { line, id, reason: id === "" ? "it is empty" : `a name has ${nameHint}`, times: 1 });
  }
  return { ids: [...ids], bad: [...bad.values()] };
}
