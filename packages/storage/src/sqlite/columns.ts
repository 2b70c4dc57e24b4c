/** What SQLite hands out, as what the schema says it is. The tables are STRICT: anything else is a damaged file. */
import { Fault } from "./words.ts";

export type Row = Record<string, unknown>;

export function int(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : wrong(column, value);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : wrong(column, value);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** Over its own memory, which may be handed on. */
export function blob(row: Row, column: string): Buffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) return wrong(column, value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function wrong(column: string, value: unknown): never {
  throw new Fault(
    "DATA_DAMAGED",
    `Column ${column} holds ${value === null ? "nothing" : typeof value}. Restore the latest backup; keep the folder for inspection.`,
  );
}
