import { createHash } from "node:crypto";
import { type EventType, eventIdSchema, type PlainPublish } from "@waybill/events";
import type { CapsKind } from "./dialect.ts";
import { type Fields, textField } from "./fields.ts";
import type { OldOrder } from "./read-message.ts";

/** The pool in which old drivers look, and the name that they share: who of them it was, nobody can know. */
export const CAPS = "caps";

/** Names of `extra` under which the order is kept as it came, in pieces as long as a field may be. */
const ORDER_FIELD = "caps";
const PIECE_CHARS = 1_024;

export type OldEvent = { type: EventType; request: PlainPublish };

/** The event that an old client's message stands for. Pure. */
export function eventOf(kind: CapsKind, from: OldOrder): OldEvent {
  const { parcel, store, at } = from;
  const type = kind === "pickup" ? "ready" : kind;
  const id = eventIdOf(type, from.messageId ?? parcel);
  return { type, request: { id, parcel, store, ...(at === undefined ? {} : { at }), data: dataOf(kind, from) } };
}

/** Of a message that comes again: the same. Where a message has no id, the word and the order are its identity. */
export function eventIdOf(type: string, of: string): string {
  const id = `${type}:${of}`;
  return eventIdSchema.safeParse(id).success ? id : `${type}:${createHash("sha256").update(of).digest("hex").slice(0, 32)}`;
}

function dataOf(kind: CapsKind, { order }: OldOrder): PlainPublish["data"] {
  const extra = piecesOf(JSON.stringify(order));
  if (kind !== "pickup") return { extra };
  const customer = textField(order, ["customer", "customername", "name"])?.slice(0, 128);
  const address = textField(order, ["address"])?.slice(0, 256);
  return { zone: CAPS, ...(customer ? { customer } : {}), ...(address ? { address } : {}), extra };
}

function piecesOf(text: string): Record<string, string> {
  const pieces: Record<string, string> = {};
  for (let at = 0, number = 1; at < text.length; at += PIECE_CHARS, number += 1)
    pieces[pieceName(number)] = text.slice(at, at + PIECE_CHARS);
  return pieces;
}

/** The order that an old client sent with this event, as it came; `null`: it is none of theirs. */
export function orderKeptIn(extra: Readonly<Record<string, unknown>> | undefined): Fields | null {
  let text = "";
  for (let number = 1; ; number += 1) {
    const piece = extra?.[pieceName(number)];
    if (typeof piece !== "string") break;
    text += piece;
  }
  if (text === "") return null;
  try {
    const order: unknown = JSON.parse(text);
    return typeof order === "object" && order !== null && !Array.isArray(order) ? (order as Fields) : null;
  } catch {
    return null; // Somebody else uses a field of this name.
  }
}

const pieceName = (number: number): string => (number === 1 ? ORDER_FIELD : `${ORDER_FIELD}-${number}`);
