import { type Start, startSchema } from "@waybill/events";

/** Where a new group starts: `start`, `end`, `offset:N`, or a time with its zone. Throws an Error that says so. */
export function parseStart(text: string): Start {
  const offset = /^offset:(\d+)$/.exec(text)?.[1];
  const wanted = text === "start" || text === "end" ? text : offset !== undefined ? { offset: Number(offset) } : { at: text };
  const start = startSchema.safeParse(wanted);
  if (start.success) return start.data;
  throw new Error(`"${text}" is no place to start from: give start, end, offset:N (from 1), or a time like 2026-03-01T08:00:00+01:00.`);
}
