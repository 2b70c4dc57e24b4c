import type { Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { type ParcelRow, parseParcelRow, requiredColumns } from "./parcel-row.ts";

export type BadRow = { line: number; reason: string };

/** A row is some 300 bytes; one above this is a quote that was never closed. */
const ROW_CHARS_MAX = 65_536;

/**
 * Streams the rows of a CSV file with a header. A bad row is reported by the line that it ends on and left out.
 * Throws when the header lacks a column or the file cannot be read.
 */
export async function* readRows(file: Readable, options: { utcOffset: string; onBadRow(row: BadRow): void }): AsyncGenerator<ParcelRow> {
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: ROW_CHARS_MAX,
    columns: checkHeader,
    on_skip: (error?: CsvError) => {
      if (error) options.onBadRow({ line: Number(error.lines ?? 0), reason: error.message });
    },
  });
  file.once("error", (error) => parser.destroy(error));
  for await (const { record, info } of file.pipe(parser)) {
    const row = tryParse(record, options.utcOffset);
    if (typeof row === "string") options.onBadRow({ line: info.lines, reason: row });
    else yield row;
  }
}

function checkHeader(header: string[]): string[] {
  const missing = requiredColumns.filter((column) => !header.includes(column));
  if (missing.length > 0) throw new Error(`The file's first line does not name ${missing.join(", ")}; docs/replay.md gives the columns.`);
  return header;
}

function tryParse(record: unknown, utcOffset: string): ParcelRow | string {
  try {
    return parseParcelRow(record, utcOffset);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
