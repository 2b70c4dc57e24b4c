import type { Writable } from "node:stream";

export type Cell = string | number | null;

/** Where a command's answers go: tables and sentences for people, one JSON object per line for programs. */
export type Output = {
  readonly json: boolean;
  /** Rows of one table; may be called again with the next page, whose header is then left out. */
  rows<K extends string>(columns: readonly K[], rows: readonly Record<K, Cell>[]): Promise<void>;
  /** What is known of one thing, a line each, for people only. */
  facts(rows: readonly (readonly [name: string, value: string])[]): Promise<void>;
  /** What was done: a sentence, or the record. */
  say(sentence: string, record: Record<string, unknown>): Promise<void>;
};

/** Cells that are cut are not made shorter than this. */
const WIDTH_MIN = 10;

/** Writes wait for their reader, so that a long list grows no memory; a reader that left (`| head`) ends the wait. */
export function createOutput({ json, stream, columns: width }: { json: boolean; stream: Writable; columns?: number | undefined }): Output {
  let hasHeader = false;
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => void stream.write(text, (error) => (error ? reject(error) : resolve())));
  return {
    json,
    async rows(columns, rows) {
      if (json) return write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      const header = hasHeader ? [] : [Object.fromEntries(columns.map((column) => [column, column.toUpperCase()]))];
      hasHeader = true;
      await write(table(columns, [...header, ...rows], width));
    },
    async facts(rows) {
      if (json) return;
      const nameWidth = Math.max(...rows.map(([name]) => name.length));
      await write(rows.map(([name, value]) => `${name.padEnd(nameWidth)}  ${textOf(value)}\n`).join(""));
    },
    say: (sentence, record) => write(json ? `${JSON.stringify(record)}\n` : `${sentence}\n`),
  };
}

/**
 * Columns as wide as their widest cell, two blanks apart, numbers to the right; `-` for what is not there. Where the terminal is
 * narrower, the widest columns of text are cut, so that a row stays a line; but never the first one, which is the row's name, nor numbers and times.
 */
export function table(columns: readonly string[], rows: readonly Record<string, Cell>[], width = Number.POSITIVE_INFINITY): string {
  const widest = columns.map((column) => Math.max(0, ...rows.map((row) => textOf(row[column]).length)));
  const isText = columns.map((column) => !rows.some((row) => typeof row[column] === "number"));
  const mayBeCut = columns.map((column, i) => i > 0 && isText[i] === true && !rows.some((row) => isTime(row[column])));
  const widths = fitted(widest, mayBeCut, width);
  const line = (row: Record<string, Cell>): string =>
    columns
      .map((column, i) => {
        const text = cut(textOf(row[column]), widths[i] ?? 0);
        return isText[i] ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** Takes from the widest column of text until the row fits, or none can give any more. */
function fitted(widest: readonly number[], mayBeCut: readonly boolean[], width: number): number[] {
  const widths = [...widest];
  let over = widths.reduce((sum, one) => sum + one + 2, -2) - width;
  while (over > 0) {
    const candidates = widths.map((one, i) => (mayBeCut[i] ? one : 0));
    const most = Math.max(...candidates);
    if (most <= WIDTH_MIN) break;
    widths[candidates.indexOf(most)] = most - 1;
    over -= 1;
  }
  return widths;
}

const isTime = (cell: Cell | undefined): boolean => typeof cell === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(cell);

/** The text, or its beginning and a sign that there is more. */
export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);

/** Names come from the hub, reasons from strangers: neither may steer the terminal. */
export const textOf = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? "-" : String(cell).replace(/\p{Cc}+/gu, " ");
