import { isReservedName } from "@waybill/events";
import { UsageError } from "@waybill/options";

/** What goes from client to client. The old `pickup` is a store's call for a driver: our `ready`. */
export const capsKinds = ["pickup", "in-transit", "delivered"] as const;
export type CapsKind = (typeof capsKinds)[number];
/** All that an old client can say. */
export type CapsWord = CapsKind | "join" | "get-all" | "received";

/** How one family of old clients speaks: where they connect, and the names under which they listen. */
export type Dialect = { namespace: string; names: Readonly<Record<CapsKind, string>> };

const dialectPattern = /^(?<namespace>\/[\w-]{0,63})(?::(?<pickup>[^:,]{1,64}):(?<inTransit>[^:,]{1,64}):(?<delivered>[^:,]{1,64}))?$/;

/** What is heard, whatever the dialect: names without case, spaces, dashes and underscores; also as they are often misspelt. */
const heard: ReadonlyMap<string, CapsWord> = new Map([
  ["pickup", "pickup"],
  ["intransit", "in-transit"],
  ["delivered", "delivered"],
  ["join", "join"],
  ["joinroom", "join"],
  ["joingroup", "join"],
  ["subscribe", "join"],
  ["getall", "get-all"],
  ["getmessages", "get-all"],
  ["getmissed", "get-all"],
  ["getqueue", "get-all"],
  ["received", "received"],
  ["recieved", "received"],
]);

/** `in-transit`, `IN_TRANSIT`, `inTransit` and `In transit` are one word. */
export const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, "");

/** Reads one value of --caps-dialect: `/caps`, or `/shipping:PICKUP:IN_TRANSIT:DELIVERED`. Throws a UsageError. */
export function parseDialect(text: string): Dialect {
  const found = dialectPattern.exec(text)?.groups;
  if (!found) {
    throw new UsageError(
      [`--caps-dialect: ${JSON.stringify(text)} is neither a namespace nor one with three names.`],
      "Write /caps, or /shipping:PICKUP:IN_TRANSIT:DELIVERED.",
    );
  }
  const { namespace = "/", pickup = "pickup", inTransit = "in-transit", delivered = "delivered" } = found;
  const names = { pickup, "in-transit": inTransit, delivered };
  const spoken = Object.values(names);
  const reserved = spoken.find(isReservedName);
  if (reserved) throw new UsageError([`--caps-dialect: ${JSON.stringify(reserved)} is a name that Socket.IO or the hub keeps for itself.`]);
  if (new Set(spoken).size < spoken.length) throw new UsageError([`--caps-dialect: two of the names in ${text} are the same.`]);
  return { namespace, names };
}

/** What an old client means by the name of a Socket.IO event; `null`: nothing that is known here. */
export function wordOf(dialect: Dialect, name: string): CapsWord | null {
  return capsKinds.find((kind) => dialect.names[kind] === name) ?? heard.get(plain(name)) ?? null;
}
