/** One row of CSV and the line that it begins on. */
export type CsvRow = { line: number; cells: string[] };

/**
 * CSV as RFC 4180 has it: cells may be quoted, a quoted cell may hold commas, line breaks and doubled quotes. For files of names,
 * which fit in memory. Throws an Error with the line of a quote that is never closed. Blank lines are left out.
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  // One cell and what ends it. The pieces follow each other without a gap, or the quote does not close.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  let cells: string[] = [];
  let line = 1;
  let rowLine = 1;
  while (cell.lastIndex < text.length || cells.length > 0) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) throw new Error(`line ${line}: a quote that is not closed, or stands in the middle of a cell (at character ${at}).`);
    const [whole, quoted, plain = "", end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "") rows.push({ line: rowLine, cells });
    cells = [];
    rowLine = line;
    if (end === "" || cell.lastIndex >= text.length) break;
  }
  return rows;
}
