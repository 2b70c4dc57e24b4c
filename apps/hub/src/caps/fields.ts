import { HubError } from "@waybill/events";
import { plain } from "./dialect.ts";

/** An object that a peer sent. Read it by `fieldOf` only: its keys are the peer's. */
export type Fields = Readonly<Record<string, unknown>>;

/** An order inside of an order inside of an order: clients pass on what they got. */
const WRAPS_MAX = 4;
const wrappers = ["order", "payload"];
const poison: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value of the first of these names that the object has, however it spells them: `orderId`, `orderID`, `order_id`. */
export function fieldOf(fields: Fields, names: readonly string[]): unknown {
  const keys = Object.keys(fields);
  for (const name of names) {
    const key = keys.find((candidate) => plain(candidate) === name);
    if (key !== undefined && fields[key] !== null && fields[key] !== "") return fields[key];
  }
  return undefined;
}

/** Text, or a number as text; course projects count their orders. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value.trim();
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

export const textField = (fields: Fields, names: readonly string[]): string | undefined => textOf(fieldOf(fields, names));

/** The message and what it wraps, from the outside to the order itself: `{ messageID, payload: { … } }`, `{ event, order: { … } }`. */
export function layersOf(message: Fields): [Fields, ...Fields[]] {
  const layers: [Fields, ...Fields[]] = [message];
  for (let at = message; layers.length < WRAPS_MAX; ) {
    const inner = wrappers.map((name) => fieldOf(at, [name])).find(isFields);
    if (!inner) break;
    layers.push(inner);
    at = inner;
  }
  return layers;
}

/** Throws when a key anywhere in it could reach a prototype. What nests too deep never comes here: the parser refuses it. */
export function refusePoison(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (poison.has(key)) throw new HubError("INVALID_MESSAGE", `A message with a field called "${key}" is refused; rename the field.`);
    refusePoison(inner);
  }
}
