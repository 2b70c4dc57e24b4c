import { HubError } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { digitsOf, writeAscii, writeNumber } from "../edge/ascii.ts";
import type { TextPacket } from "../edge/texts.ts";
import { refOf } from "./entry.ts";

const CLOSING_BRACE = 0x7d;
const ATTEMPT = ',"attempt":';
const REDRIVE = ',"redrive":';
const END = "}]";

/** What all deliveries to one consumer have in common. */
export type PlainPlace = {
  readonly queue: string;
  /** Of the packet, before its id. */
  readonly before: string;
  /** What comes behind the event's JSON. */
  readonly behind: string;
};

export const plainPlaceOf = (namespace: string, queue: string): PlainPlace => ({
  queue,
  before: `2${namespace},`,
  behind: `,"queue":"${queue}","offset":`,
});

/**
 * A `PlainDelivery` and its packet: `2/vendor,17["pickup",{…,"queue":"store/acme","offset":4,"recordedAt":99,"attempt":1}]`. The event is as its
 * publisher wrote it: it was parsed once, to check it, and is not parsed again.
 */
export class DeliveryPacket implements TextPacket {
  readonly bytes: number;
  readonly #place: PlainPlace;
  readonly #id: number;
  readonly #name: string;
  readonly #json: Uint8Array;
  /** Of the event's JSON, without its last brace. */
  readonly #end: number;
  readonly #offset: number;
  readonly #recordedAt: string;
  readonly #attempt: number;
  readonly #redrive: number;

  constructor(place: PlainPlace, id: number, { entry, failed, interrupted, redrive }: DeliveryItem) {
    this.#place = place;
    this.#id = id;
    this.#name = nameText(entry.type);
    this.#json = refOf(entry).body;
    this.#end = endOf(this.#json);
    if (this.#end < 0) throw new HubError("INTERNAL", `Event ${entry.offset} of ${place.queue} is no JSON object.`);
    this.#offset = entry.offset;
    this.#recordedAt = recordedAtText(entry.recordedAtMs);
    this.#attempt = failed + interrupted + 1;
    this.#redrive = redrive;
    const texts = place.before.length + this.#name.length + place.behind.length + this.#recordedAt.length + ATTEMPT.length + END.length;
    const again = redrive > 0 ? REDRIVE.length + digitsOf(redrive) : 0;
    this.bytes = texts + this.#end + digitsOf(id) + digitsOf(this.#offset) + digitsOf(this.#attempt) + again;
  }

  write(into: Buffer, start: number): number {
    let at = writeNumber(into, writeAscii(into, start, this.#place.before), this.#id);
    at = writeAscii(into, at, this.#name);
    // Mostly it ends but for a brace, which what follows then covers: a view of less is dearer than to copy it.
    into.set(this.#json.length === this.#end + 1 ? this.#json : this.#json.subarray(0, this.#end), at);
    at = writeNumber(into, writeAscii(into, at + this.#end, this.#place.behind), this.#offset);
    at = writeNumber(into, writeAscii(into, writeAscii(into, at, this.#recordedAt), ATTEMPT), this.#attempt);
    if (this.#redrive > 0) at = writeNumber(into, writeAscii(into, at, REDRIVE), this.#redrive);
    return writeAscii(into, at, END);
  }
}

const endOf = (json: Uint8Array): number => (json[json.length - 1] === CLOSING_BRACE ? json.length - 1 : json.lastIndexOf(CLOSING_BRACE));

/** Mostly many of one type, of one commit, go one behind the other: what stands for these is not put together for each. */
let latestType = "";
let latestName = "";

function nameText(type: string): string {
  if (type !== latestType) latestName = `["${type}",`;
  latestType = type;
  return latestName;
}

let latestMs = -1;
let latestRecordedAt = "";

function recordedAtText(ms: number): string {
  if (ms !== latestMs) latestRecordedAt = `,"recordedAt":${ms}`;
  latestMs = ms;
  return latestRecordedAt;
}
