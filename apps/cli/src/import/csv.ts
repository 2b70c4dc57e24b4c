import { parse } from "csv-parse/sync";

/** One row of CSV and the line that it begins on. */
export type CsvRow = { line: number; cells: string[] };

/** CSV as RFC 4180 has it, for files of names, which fit in memory. Throws an Error that names the line. Blank lines are left out. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  parse(text, {
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    on_record: (cells: string[], { lines }: { lines: number }) => {
      rows.push({ line: lines - breaksIn(cells), cells }); // The library tells the line that a row ends on.
      return cells;
    },
  });
  return rows;
}

const breaksIn = (cells: readonly string[]): number => cells.join("").match(/\r\n|\r|\n/g)?.length ?? 0;
