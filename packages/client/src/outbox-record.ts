/** What the outbox's file says, record by record, and how a ledger comes out of it. */
import { type HubErrorBody, hubErrorBodySchema, type ParcelEvent, parcelEventSchema } from "@waybill/events";
import { EventEntry } from "./event-entry.ts";
import { type Entry, Ledger } from "./ledger.ts";
import type { RefusedEvent } from "./types.ts";

export const OUTBOX_FORMAT = 1;
/** Lines of a rewritten file; a group of puts may be longer. */
const SNAPSHOT_LINE_LENGTH = 1_048_576;

const json = (value: unknown): string => JSON.stringify(value);

/** Each as JSON, in one line: a text is what a group of them is put together from. */
export const record = {
  open: (incarnation: number) => json(["open", incarnation]),
  /** The event goes in as the text that goes over the wire. In the queue's name there is nothing that JSON would escape. */
  put(entry: Entry) {
    const { queue, number, isVoid, text } = EventEntry.of(entry);
    return `["${isVoid ? "void" : "put"}","${queue}",${number},${text}]`;
  },
  confirm: (queue: string, to: number) => `["confirm","${queue}",${to}]`,
  refuse: (queue: string, number: number, error: HubErrorBody, at: string) => json(["refuse", queue, number, error, at]),
  take: (count: number) => json(["take", count]),
  storage: (storageId: string) => json(["storage", storageId]),
};

/** The whole ledger as lines; the first says how many there are. */
export function snapshot(ledger: Ledger): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let length = 0;
  const add = (next: string): void => {
    if (length > SNAPSHOT_LINE_LENGTH) {
      lines.push(line);
      line = [];
      length = 0;
    }
    line.push(next);
    length += next.length;
  };
  for (const lane of ledger.lanes.values()) {
    add(json(["lane", lane.queue, lane.confirmedTo]));
    for (const entry of lane.entries()) add(record.put(entry));
  }
  for (const refused of ledger.refused) add(json(["refused", refused]));
  if (line.length > 0) lines.push(line);
  const { producer, incarnation, storageId } = ledger;
  return [[json(["head", { format: OUTBOX_FORMAT, lines: lines.length + 1, producer, incarnation, storageId }])], ...lines];
}

/** Reads records into a ledger. `read` returns false when a record does not fit: the file is damaged. */
export class LedgerReader {
  ledger: Ledger | null = null;
  /** Lines of the last rewrite. */
  lines = 1;
  format = OUTBOX_FORMAT;

  read(line: unknown): boolean {
    if (!Array.isArray(line)) return false;
    const [kind, ...fields]: unknown[] = line;
    if (kind === "head") return this.#head(fields[0]);
    const { ledger } = this;
    return ledger !== null && this.format <= OUTBOX_FORMAT && apply(ledger, kind, fields);
  }

  #head(value: unknown): boolean {
    if (!isRecord(value) || typeof value.producer !== "string" || typeof value.incarnation !== "number") return false;
    if (typeof value.format !== "number" || typeof value.lines !== "number") return false;
    this.ledger = new Ledger(value.producer);
    this.ledger.incarnation = value.incarnation;
    this.ledger.storageId = typeof value.storageId === "string" ? value.storageId : null;
    this.lines = value.lines;
    this.format = value.format;
    return true;
  }
}

function apply(ledger: Ledger, kind: unknown, [a, b, c, d]: unknown[]): boolean {
  if (kind === "open" && typeof a === "number") {
    ledger.incarnation = a;
    return true;
  }
  if (kind === "storage" && typeof a === "string") {
    ledger.storageId = a;
    return true;
  }
  if (kind === "take" && typeof a === "number") return ledger.refused.splice(0, a).length === a;
  if (kind === "refused") return addRefused(ledger, a);
  if (typeof a !== "string" || typeof b !== "number") return false;
  if (kind === "lane") {
    ledger.lane(a).confirmedTo = b;
    return true;
  }
  if (kind === "put") return put(ledger, a, b, parcelEventSchema.safeParse(c).data, true);
  if (kind === "void") return put(ledger, a, b, parcelEventSchema.safeParse(c).data, false);
  if (kind === "confirm") {
    ledger.confirm(a, b);
    return ledger.lane(a).confirmedTo >= b;
  }
  const error = hubErrorBodySchema.safeParse(c);
  return kind === "refuse" && error.success && typeof d === "string" && ledger.refuse(a, b, error.data, d) !== null;
}

function put(ledger: Ledger, queue: string, number: number, event: ParcelEvent | undefined, isEvent: boolean): boolean {
  if (event === undefined) return false;
  const entry = new EventEntry({ queue, id: event.id, text: JSON.stringify(event) });
  entry.isVoid = !isEvent;
  ledger.put(entry);
  return entry.number === number;
}

function addRefused(ledger: Ledger, value: unknown): boolean {
  if (!isRecord(value) || typeof value.at !== "string") return false;
  const event = parcelEventSchema.safeParse(value.event);
  const error = hubErrorBodySchema.safeParse(value.error);
  if (!event.success || !error.success) return false;
  const refused: RefusedEvent = { event: event.data, error: error.data, at: value.at };
  ledger.refused.push(refused);
  return true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
