import { styleText } from "node:util";
import type { JsonLine } from "@waybill/testkit";

export type Who = "hub" | "shops" | "drivers" | "stores";

const colours = { hub: "magenta", shops: "yellow", drivers: "cyan", stores: "green" } as const;
const WHO_WIDTH = 8;

/** One line of the stream: the time, who, and what. `null`: not worth one (the others tell the same). */
export function renderLine(who: Who, line: JsonLine, at: Date = new Date()): string | null {
  const text = sentences[who](line);
  if (text === null) return null;
  const time = styleText("dim", at.toTimeString().slice(0, 8));
  return `${time} ${styleText(colours[who], who.padEnd(WHO_WIDTH))} ${printable(text)}`;
}

const sentences: Record<Who, (line: JsonLine) => string | null> = {
  hub: hubSentence,
  shops: shopSentence,
  drivers: driverSentence,
  stores: storeSentence,
};

/** Each event is told by who sent it and who got it; the hub tells of connections and of what is wrong. */
function hubSentence(line: JsonLine): string | null {
  const { msg, level, url, subject, role, why, dataDir } = texts(line);
  switch (msg) {
    case "ready":
      return `listens on ${url}, events in ${dataDir}`;
    case "connected":
      return `${role} ${subject} connected`;
    case "left":
      return `${role} ${subject} left: ${why}`;
    case "draining":
      return `stops: ${why}`;
    default:
      return level === "warn" || level === "error" ? `${msg} ${why}`.trim() : null;
  }
}

function shopSentence(line: JsonLine): string | null {
  const { what, parcel, store, zone, outcome } = texts(line);
  if (what !== "ready") return null;
  return `${parcel} of ${store} waits for a driver in ${zone}${outcome === "outbox" ? " (in the outbox)" : ""}`;
}

function driverSentence(line: JsonLine): string | null {
  const { what, driver, parcel, store, zone, type, outcome, offset, why, reason, pending, text, forS } = texts(line);
  switch (what) {
    case "took":
      return `${driver} took ${parcel} of ${store} in ${zone}`;
    case "told":
      return `${driver} ${type} ${parcel} ${outcome === "outbox" ? "(in the outbox)" : `→ store/${store} #${offset}`}`;
    case "refused":
      return `${driver} ${type} ${parcel} refused: ${why}`;
    case "handed-back":
      return `${driver} handed ${parcel} back: ${reason}`;
    case "cancelled":
      return `${driver} hears that ${store} cancelled ${parcel}`;
    case "message":
      return `${driver} reads about ${parcel}: ${text}`;
    case "offline":
      return `${driver} lost the network for ${forS} s of the day`;
    case "online":
      return `${driver} is online${pending === "0" ? "" : `, ${pending} in the outbox`}`;
    default:
      return null;
  }
}

function storeSentence(line: JsonLine): string | null {
  if (typeof line.event !== "object" || line.event === null) return null;
  const { type, parcel, store, at } = texts({ ...line.event });
  const { offset, outcome, attempt } = texts(line);
  const late = attempt === "1" ? "" : `, attempt ${attempt}`;
  return `${store} got #${offset} ${type} ${parcel}, told at ${at.slice(11, 19)}${late}${outcome === "acked" ? "" : ` (${outcome})`}`;
}

/** Fields as texts; what is missing is empty. */
function texts(line: JsonLine): Record<string, string> & Record<(typeof fields)[number], string> {
  const entries = fields.map((field) => [
    field,
    typeof line[field] === "string" || typeof line[field] === "number" ? String(line[field]) : "",
  ]);
  return Object.fromEntries(entries);
}
const fields = [
  "at",
  "attempt",
  "dataDir",
  "driver",
  "forS",
  "level",
  "msg",
  "offset",
  "outcome",
  "parcel",
  "pending",
  "reason",
  "role",
  "store",
  "subject",
  "text",
  "type",
  "url",
  "what",
  "why",
  "zone",
] as const;

/** Strangers' text must not steer the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
