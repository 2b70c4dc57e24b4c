import type { Start } from "@waybill/client";
import { UsageError } from "@waybill/options";
import { z } from "zod";

/** How a place in a queue is written. */
export const startHint = "start, end, an offset (the first event that comes), or a time with its zone, such as 2026-05-01T09:30:00Z";

const time = z.iso.datetime({ offset: true });

/** Throws UsageError. */
export function parseStart(word: string): Start {
  if (word === "start" || word === "end") return word;
  const offset = Number(word);
  if (Number.isSafeInteger(offset) && offset > 0) return { offset };
  if (time.safeParse(word).success) return { at: word };
  throw new UsageError([`${JSON.stringify(word.slice(0, 80))} is no place in a queue: ${startHint}.`]);
}
