import type { PeekedEvent } from "@waybill/client";
import { cut, textOf } from "./output.ts";

const WIDTHS = { queue: 18, offset: 5, type: 14, parcel: 7 };

/**
 * Events as lines for a person: local time, queue, offset, type, parcel, who. Columns grow with what they hold and do not shrink
 * again, so that lines stay below each other; a line is cut where the terminal ends.
 */
export function createTailLines(): (event: PeekedEvent, width: number | undefined) => string {
  const widths = { ...WIDTHS };
  const grown = (column: keyof typeof widths, text: string): number => {
    widths[column] = Math.max(widths[column], text.length);
    return widths[column];
  };
  return (event, width = Number.POSITIVE_INFINITY) => {
    const cells = { queue: event.queue, offset: String(event.offset), type: event.type, parcel: event.parcel };
    const line = [
      localTime(event.recordedAtMs),
      cells.queue.padEnd(grown("queue", cells.queue)),
      cells.offset.padStart(grown("offset", cells.offset)),
      cells.type.padEnd(grown("type", cells.type)),
      cells.parcel.padEnd(grown("parcel", cells.parcel)),
      event.producer,
    ].join("  ");
    return cut(textOf(line), width);
  };
}

/** `14:03:07.120`, where the user is. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
