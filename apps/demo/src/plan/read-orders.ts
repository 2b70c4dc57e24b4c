import { open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type CsvError, parse } from "csv-parse";
import { planParcel, requiredColumns } from "./plan-parcel.ts";
import type { PlannedParcel } from "./planned-parcel.ts";

/** `line`: where the row ends. */
export type BadRow = { line: number; reason: string };

/** The file is no file of orders, or some of it is not: its user has to mend it. */
export class BadFileError extends Error {
  override readonly name: string = "BadFileError";
}

/** A row is some 300 bytes; one above this is a quote that was never closed. */
const ROW_CHARS_MAX = 65_536;

/**
 * Streams a CSV file of orders, plain or gzip: never held as a whole. Bad rows are told by line and reason (not
 * quite in their order), and left out.
 * Rejects when the file cannot be read, or with BadFileError when its header lacks a column.
 */
export async function* readOrders(path: string, onBadRow: (row: BadRow) => void): AsyncGenerator<PlannedParcel> {
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: ROW_CHARS_MAX,
    columns: checkHeader,
    on_skip: (error?: CsvError) => {
      if (error) onBadRow({ line: Number(error.lines ?? 0), reason: error.message });
    },
  });
  // An error of the file ends up in the parser, whose reader meets it; an end of the reading closes the file.
  pipeline(await openOrders(path), parser, () => undefined);
  const lines = new Map<string, number>();
  for await (const { record, info } of parser) {
    const planned = tryPlan(record);
    const first = typeof planned === "string" ? undefined : lines.get(planned.parcel);
    if (typeof planned === "string") onBadRow({ line: info.lines, reason: planned });
    else if (first !== undefined) onBadRow({ line: info.lines, reason: `parcel_id: ${planned.parcel} stands in line ${first} already` });
    else {
      lines.set(planned.parcel, info.lines);
      yield planned;
    }
  }
}

/** Unpacked when the first two bytes say gzip; the name is not asked. */
async function openOrders(path: string): Promise<Readable> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  const plain = file.createReadStream({ start: 0 });
  if (bytesRead < 2 || buffer[0] !== 0x1f || buffer[1] !== 0x8b) return plain;
  // An error of either ends up in the last stream, whose reader meets it.
  return pipeline(plain, createGunzip(), () => undefined);
}

function checkHeader(header: string[]): string[] {
  const missing = requiredColumns.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new BadFileError(`The file's first line does not name ${missing.join(", ")}; docs/replay.md gives the columns.`);
  return header;
}

function tryPlan(record: unknown): PlannedParcel | string {
  try {
    return planParcel(record);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
