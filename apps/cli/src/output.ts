import type { Writable } from "node:stream";

export type Cell = string | number | null;

/** Where a command's answers go: tables and sentences for people, one JSON object per line for programs. */
export type Output = {
  readonly json: boolean;
  /** Rows of one table; may be called again with the next page, whose header is then left out. */
  rows<K extends string>(columns: readonly K[], rows: readonly Record<K, Cell>[]): Promise<void>;
  /** What was done: a sentence, or the record. */
  say(sentence: string, record: Record<string, unknown>): Promise<void>;
};

/** Writes wait for their reader, so that a long list grows no memory; a reader that left (`| head`) ends the wait. */
export function createOutput({ json, stream }: { json: boolean; stream: Writable }): Output {
  let hasHeader = false;
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => void stream.write(text, (error) => (error ? reject(error) : resolve())));
  return {
    json,
    async rows(columns, rows) {
      if (json) return write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      const header = hasHeader ? [] : [Object.fromEntries(columns.map((column) => [column, column.toUpperCase()]))];
      hasHeader = true;
      await write(table(columns, [...header, ...rows]));
    },
    say: (sentence, record) => write(json ? `${JSON.stringify(record)}\n` : `${sentence}\n`),
  };
}

/** Columns as wide as their widest cell, two blanks apart, numbers to the right; `-` for what is not there. */
export function table(columns: readonly string[], rows: readonly Record<string, Cell>[]): string {
  const widths = columns.map((column) => Math.max(0, ...rows.map((row) => textOf(row[column]).length)));
  const line = (row: Record<string, Cell>): string =>
    columns
      .map((column, i) =>
        typeof row[column] === "number" ? textOf(row[column]).padStart(widths[i] ?? 0) : textOf(row[column]).padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** Names come from the hub, reasons from strangers: neither may steer the terminal. */
const textOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? "-" : String(cell).replace(/\p{Cc}+/gu, " "));
