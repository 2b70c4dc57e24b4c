/**
 * The frames that take events to consumers, put together as they stand on the wire: `JSON.stringify` of their header, and the lists of numbers that it
 * wants, cost more than to copy the events behind it.
 */
import { type DeliverPart, linesBytes, withLines } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { OwnBytes } from "../edge/bytes-event.ts";
import { refOf } from "./entry.ts";

/** JSON of a `DeliverPart` with these events. `rows`: as `deliver` has them, or `delivers`. */
export function partText(
  { sub, generation, first }: Omit<DeliverPart, "events">,
  items: readonly DeliveryItem[],
  rows: "each" | "runs",
): string {
  return `{"sub":${sub},"generation":${generation},"first":${first},"events":[${rowsText(items, rows === "runs")}]}`;
}

/** Of a `deliver` frame's header. */
export const deliverText = (epoch: number, part: string): string => `{"epoch":${epoch},${part.slice("{".length)}`;

/** Of a `delivers` frame's header. */
export const deliversText = (epoch: number, parts: readonly string[]): string => `{"epoch":${epoch},"parts":[${parts.join(",")}]}`;

/** As `encodeFrame`, of a header's JSON without anything but ASCII. */
export class DeliverFrame implements OwnBytes {
  readonly length: number;
  readonly #header: string;
  readonly #bodies: readonly Uint8Array[];

  constructor(header: string, bodies: readonly Uint8Array[]) {
    this.length = header.length + linesBytes(bodies);
    this.#header = header;
    this.#bodies = bodies;
  }

  write(into: Buffer, at: number): void {
    withLines(into, at + into.write(this.#header, at, "latin1"), this.#bodies);
  }
}

/**
 * Each `[offset, recordedAt, failed, interrupted, redrive, homeOffset]` without trailing zeros; with `areRuns`, `[n]` for n that only go on from
 * the one before. What one commit stored has one time, which is the dearest of a row to write.
 */
function rowsText(items: readonly DeliveryItem[], areRuns: boolean): string {
  let rows = "";
  let latestMs = -1;
  let recordedAt = "";
  let next = 0;
  let run = 0;
  for (const { entry, failed, interrupted, redrive } of items) {
    const { homeOffset } = refOf(entry);
    const more = failed + interrupted + redrive + homeOffset === 0 ? "" : moreText([failed, interrupted, redrive, homeOffset]);
    if (areRuns && entry.offset === next && entry.recordedAtMs === latestMs && more === "") run += 1;
    else {
      if (entry.recordedAtMs !== latestMs) recordedAt = String(entry.recordedAtMs);
      latestMs = entry.recordedAtMs;
      rows += `${runText(run)}${rows === "" ? "" : ","}[${entry.offset},${recordedAt}${more}]`;
      run = 0;
    }
    next = entry.offset + 1;
  }
  return rows + runText(run);
}

const runText = (run: number): string => (run === 0 ? "" : `,[${run}]`);

function moreText(values: number[]): string {
  while (values.at(-1) === 0) values.pop();
  return `,${values.join(",")}`;
}
