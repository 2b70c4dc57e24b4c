import type { Detail } from "./clean.ts";

const event = (line: Detail) => `${line.type} ${line.parcel}`;
const place = (line: Detail) => `${line.queue} #${line.offset}`;
const counts = (line: Detail) =>
  Object.entries(line)
    .flatMap(([key, value]) => (typeof value === "number" && key !== "time" ? [`${value} ${key}`] : []))
    .join(", ");

/** How each thing that happens is said to a person; the same line in JSON has the parts. */
const sentences: Record<string, (line: Detail) => string> = {
  ready: (line) => `Waybill hub is ready on ${line.url}, data in ${line.dataDir} (epoch ${line.epoch})`,
  "old clients": (line) => `Old parcel clients are served on ${line.url}, for ${line.stores}`,
  connected: (line) =>
    `+ ${line.role} ${line.subject} connected from ${line.address} by ${line.transport}${line.sdk ? `, ${line.sdk}` : ""}`,
  left: (line) => `- ${line.role} ${line.subject} left: ${line.why}`,
  stored: (line) => `  ${event(line)} → ${place(line)}${line.copies ? ` (+${line.copies})` : ""}, by ${line.by}`,
  settled: (line) => `✓ ${event(line)} settled in ${place(line)} (${line.group}, ${line.how})`,
  failed: (line) =>
    `! ${event(line)} ${line.kind} in ${place(line)} (${line.group}): ${line.reason}; attempt ${line.attempt}, again at ${line.againAt}`,
  stuck: (line) =>
    `! ${event(line)} is stuck in ${place(line)} (${line.group}) after ${line.attempt} attempts: ${line.reason}; its parcel waits`,
  buried: (line) => `! ${event(line)} of ${place(line)} (${line.group}) is a dead letter after ${line.attempt} attempts: ${line.reason}`,
  "in the last second": (line) => `  ${counts(line)} in the last second`,
  refused: (line) => `! refused on ${line.namespace} (${line.address}): ${line.code}, ${line.why}`,
  "connection closed": (line) => `! closed the connection of ${line.address}: ${line.why}`,
  "packet refused": (line) => `! a packet was refused, and its connection closes: ${line.why}`,
  "handshake refused": (line) => `! a handshake from ${line.address} was refused: ${line.why}`,
  draining: (line) => `draining: ${line.why}; clients are told to come back`,
  drained: (line) => `drained in ${line.ms} ms; ${line.handedBack} deliveries were handed back, uncounted`,
  closed: () => "closed; everything is stored",
};

/** Keys that every line has, or that say nothing to a person. */
const plumbing = new Set(["level", "time", "msg", "err"]);

export function sentence(message: string, line: Detail): string {
  const known = sentences[message];
  if (known) return known(line);
  const parts = Object.entries(line).flatMap(([key, value]) => (plumbing.has(key) ? [] : [`${key}=${String(value)}`]));
  return [line.level === "info" ? message : `! ${message}`, ...parts].join(" ");
}
