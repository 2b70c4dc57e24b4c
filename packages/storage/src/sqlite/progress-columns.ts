/**
 * The progress writes of one commit as the committer takes them: a column for each of their usual parts, and the rest only when there is any. As an
 * object each, their names went over with each of them, and came to be looked up in the other thread.
 */
import type { ProgressWrite } from "@waybill/queue";
import type { CommitBatch } from "../port.ts";
import { placeOf } from "./codec/batch-codec.ts";

export type ProgressDetail = Pick<ProgressWrite, "attempts" | "parked" | "dead">;

export type ProgressColumns = {
  places: readonly string[];
  groups: readonly string[];
  /** Open ranges as JSON. */
  opens: readonly string[];
  /** Of each write `NUMBERS` in a row: generation, cursor, offered to, acked to, paused, how many offsets are open, the first of them. */
  numbers: Float64Array;
  /** `at`: of which write. */
  details: readonly { at: number; detail: ProgressDetail }[];
};

export const NUMBERS = 7;
export const NOTHING_OPEN = "[]";

/** `null`: there is none. */
export function progressColumns(all: CommitBatch["progress"]): ProgressColumns | null {
  if (all.length === 0) return null;
  const numbers = new Float64Array(all.length * NUMBERS);
  const details: { at: number; detail: ProgressDetail }[] = [];
  for (const [at, { write }] of all.entries()) {
    writeNumbers(numbers, at * NUMBERS, write.progress);
    const detail = detailOf(write);
    if (detail !== null) details.push({ at, detail });
  }
  return {
    places: all.map(({ key }) => placeOf(key.tenant, key.queue)),
    groups: all.map(({ key }) => key.group),
    opens: all.map(({ write }) => openOf(write)),
    numbers,
    details,
  };
}

function writeNumbers(numbers: Float64Array, from: number, progress: ProgressWrite["progress"]): void {
  const { open } = progress;
  let count = 0;
  let first = open[0]?.[0] ?? 0;
  for (const [low, high] of open) {
    count += high - low + 1;
    if (low < first) first = low;
  }
  numbers[from] = progress.generation;
  numbers[from + 1] = progress.cursor;
  numbers[from + 2] = progress.offeredTo;
  numbers[from + 3] = progress.ackedTo;
  numbers[from + 4] = progress.paused ? 1 : 0;
  numbers[from + 5] = count;
  numbers[from + 6] = first;
}

const openOf = ({ progress: { open } }: ProgressWrite): string => (open.length === 0 ? NOTHING_OPEN : JSON.stringify(open));

function detailOf({ attempts, parked, dead }: ProgressWrite): ProgressDetail | null {
  if (isBare(attempts) && isBare(parked) && isBare(dead)) return null;
  const put = dead.put.map((letter) => ({ ...letter, ref: bodyOfRef(letter.ref) }));
  return { attempts, parked, dead: { put, remove: dead.remove } };
}

const isBare = ({ put, remove }: { put: readonly unknown[]; remove: readonly unknown[] }): boolean =>
  put.length === 0 && remove.length === 0;

/** What `ref` refers to is the runner's own: the body, or something that has it. Only bytes can cross into the worker. */
function bodyOfRef(ref: unknown): Uint8Array | null {
  const body = typeof ref === "object" && ref !== null && "body" in ref ? ref.body : ref;
  return body instanceof Uint8Array ? body : null;
}
