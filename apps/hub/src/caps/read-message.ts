/**
 * What old clients say, in our words. Pure: what a peer sent comes in, what it means comes out, or a HubError that says what was
 * found, why it is refused and what to do. Nothing here is guessed twice: a name that no table knows is an error.
 */
import { createHash } from "node:crypto";
import { HubError, parcelSchema } from "@waybill/events";
import { type CapsKind, capsKinds, plain } from "./dialect.ts";
import { type Fields, fieldOf, isFields, layersOf, refusePoison, textField, textOf } from "./fields.ts";

/** Messages that one `received` may name. → INVALID_MESSAGE */
const RECEIPTS_MAX = 512;

const orderNames = ["orderid", "ordernumber", "code", "id"];
const messageNames = ["messageid", "msgid", "id"];
/** Names of a store; and those that may name one, or somebody else. */
const storeNames = ["store", "storename", "storeid", "retailer", "vendor", "vendorid", "vendorname"];
const roomNames = ["clientid", "queueid", "room", "name", "role"];
const timeNames = ["time", "timestamp"];

/** An order as an old client sent it. */
export type OldOrder = {
  /** As the client spells it. */
  orderId: string;
  /** Ours: the order's id where that is a name for us, else one made from it, always the same. */
  parcel: string;
  store: string;
  /** Of the message, where it has one. */
  messageId?: string;
  /** RFC 3339, where the message says when. */
  at?: string;
  /** The innermost object, as it came. */
  order: Fields;
};

/** Who says it is there: drivers, a store, or (of `getAll` without an argument) whoever it was before. */
export type Who = { is: "driver" } | { is: "store"; store: string } | { is: "same" };

/** What one `received` names. `messageId` comes first; `parcel` is for clients that know orders only. */
export type Receipt = { messageId?: string; parcel?: string; kind?: CapsKind };

/** `1-206 Flowers` is the store `1-206-flowers`, if that is named. */
export const storeIdOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");

export const parcelOf = (orderId: string): string =>
  parcelSchema.safeParse(orderId).success ? orderId : `order-${createHash("sha256").update(orderId).digest("hex").slice(0, 32)}`;

/**
 * A message of `pickup`, `in-transit` or `delivered`, in any envelope or none. Drivers pass on what they were sent: an envelope of
 * another kind says nothing of this message, neither its id nor its time.
 */
export function readOrder(kind: CapsKind, message: unknown, stores: ReadonlySet<string>): OldOrder {
  if (!isFields(message))
    throw new HubError(
      "INVALID_MESSAGE",
      `Found ${kindOf(message)} where an order is expected; send { store, orderId, customer, address }.`,
    );
  refusePoison(message);
  const layers = layersOf(message);
  const order = layers.at(-1) ?? message;
  const orderId = textField(order, orderNames);
  if (orderId === undefined) throw new HubError("INVALID_MESSAGE", "The order has no orderId; send { store, orderId, customer, address }.");
  const isOwn = (kindIn(message) ?? kind) === kind;
  const messageId = isOwn ? firstText(layers, ["messageid", "msgid"]) : undefined;
  const at = isOwn ? timeOf(firstText(layers, timeNames)) : undefined;
  return {
    orderId,
    parcel: parcelOf(orderId),
    store: storeIn(layers.toReversed(), stores),
    order,
    ...(messageId === undefined ? {} : { messageId }),
    ...(at === undefined ? {} : { at }),
  };
}

/** The argument of `join` or `getAll`: a name, or an object that has one. */
export function readWho(said: unknown, stores: ReadonlySet<string>): Who {
  if (said === undefined || said === null) return { is: "same" };
  const name = textOf(said);
  if (name !== undefined) return whoIs(name, stores);
  if (!isFields(said))
    throw new HubError("INVALID_MESSAGE", `Found ${kindOf(said)} where a name is expected; send the store's name, or "driver".`);
  refusePoison(said);
  const layers = layersOf(said);
  const names = [...namesIn(layers, storeNames), ...namesIn(layers, roomNames)];
  if (names.length === 0) return { is: "same" };
  if (names.some(isDriver) && !names.some((candidate) => stores.has(storeIdOf(candidate)))) return { is: "driver" };
  return { is: "store", store: storeIn(layers, stores) };
}

/** The argument of `received`: an id, several, one message, or several. */
export function readReceipts(said: unknown): Receipt[] {
  const list = Array.isArray(said) ? said : isFields(said) ? manyIn(said) : [said];
  if (list.length > RECEIPTS_MAX)
    throw new HubError("INVALID_MESSAGE", `One "received" names ${list.length} messages; ${RECEIPTS_MAX} are allowed. Send several.`);
  const receipts = list.map(receiptOf);
  if (receipts.length === 0) throw nothingNamed();
  return receipts;
}

/** The kind of message that a client names in `{ event }`, in whatever spelling. */
export function kindIn(fields: Fields): CapsKind | undefined {
  const name = textField(fields, ["event", "eventname"]);
  return name === undefined ? undefined : capsKinds.find((kind) => plain(kind) === plain(name));
}

/** The order that a message is about, where it is about one. */
export function parcelIn(message: unknown): string | undefined {
  if (!isFields(message)) return undefined;
  const orderId = textField(layersOf(message).at(-1) ?? message, orderNames);
  return orderId === undefined ? undefined : parcelOf(orderId);
}

function receiptOf(said: unknown): Receipt {
  const id = textOf(said);
  if (id !== undefined) return { messageId: id, parcel: parcelOf(id) };
  if (!isFields(said)) throw nothingNamed();
  const messageId = textField(said, messageNames) ?? firstText(layersOf(said), ["messageid", "msgid"]);
  // A client that acks `{ messageId: payload.orderId }` means the order.
  const parcel = parcelIn(said) ?? (messageId === undefined ? undefined : parcelOf(messageId));
  const kind = kindIn(said);
  if (messageId === undefined && parcel === undefined) throw nothingNamed();
  return { ...(messageId === undefined ? {} : { messageId }), ...(parcel === undefined ? {} : { parcel }), ...(kind ? { kind } : {}) };
}

/** `{ ids: […] }` and the like; else the object itself is the one. */
function manyIn(said: Fields): readonly unknown[] {
  const list = fieldOf(said, ["ids", "messageids", "orderids", "messages"]);
  return Array.isArray(list) ? list : [said];
}

/** A store that is named outright must be one; only where none is, a room or a client may name it. */
function storeIn(layers: readonly Fields[], stores: ReadonlySet<string>): string {
  const outright = namesIn(layers, storeNames);
  const names = outright.length > 0 ? outright : namesIn(layers, roomNames);
  const known = names.map(storeIdOf).find((store) => stores.has(store));
  if (known !== undefined) return known;
  const [named] = names;
  if (named === undefined) throw new HubError("INVALID_MESSAGE", "The message names no store; send { store, orderId, customer, address }.");
  throw unknownStore(named);
}

const namesIn = (layers: readonly Fields[], fields: readonly string[]): string[] =>
  layers.flatMap((layer) => fields.flatMap((field) => textField(layer, [field]) ?? []));

function whoIs(name: string, stores: ReadonlySet<string>): Who {
  const store = storeIdOf(name);
  if (stores.has(store)) return { is: "store", store };
  if (isDriver(name)) return { is: "driver" };
  throw unknownStore(name);
}

/** `driver`, `DRIVERS`, `driver-1`. */
const isDriver = (name: string): boolean => /^drivers?(?![a-z])/i.test(name);

const firstText = (layers: readonly Fields[], names: readonly string[]): string | undefined =>
  layers.map((layer) => textField(layer, names)).find((text) => text !== undefined);

function timeOf(text: string | undefined): string | undefined {
  const atMs = text === undefined ? Number.NaN : Date.parse(text);
  const at = Number.isNaN(atMs) ? "" : new Date(atMs).toISOString();
  return at.startsWith("2") ? at : undefined; // Another century is a clock that was never set, or no time at all.
}

const unknownStore = (name: string) =>
  new HubError(
    "UNKNOWN_STORE",
    `Old clients may speak for the stores that the operator named, and "${name.slice(0, 64)}" is none: --caps-stores.`,
  );

const nothingNamed = () =>
  new HubError("INVALID_MESSAGE", `"received" names no message; send its messageID, the order's id, or the whole message.`);

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
