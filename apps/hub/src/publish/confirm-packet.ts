import type { PlainConfirm } from "@waybill/events";
import { digitsOf, writeAscii, writeNumber } from "../edge/ascii.ts";
import type { TextPacket } from "../edge/texts.ts";

/** What is confirmed, not refused. */
type Confirmed = Exclude<PlainConfirm, { outcome: "refused" }>;

const OUTCOME = '[{"outcome":"';
const ID = '","id":"';
const QUEUE = '","queue":"';
const OFFSET = '","offset":';
const END = "}]";
const TEXTS = OUTCOME.length + ID.length + QUEUE.length + OFFSET.length + END.length;

/** A `PlainConfirm` and its packet: `3/driver,17[{"outcome":"stored",…}]`. In none of its names is there anything that JSON would escape. */
export class ConfirmPacket implements TextPacket {
  readonly bytes: number;
  readonly #before: string;
  readonly #id: number;
  readonly #confirm: Confirmed;

  /** `before`: what stands before the packet's `id`. */
  constructor(before: string, id: number, confirm: Confirmed) {
    const { outcome, id: eventId, queue, offset } = confirm;
    this.#before = before;
    this.#id = id;
    this.#confirm = confirm;
    this.bytes = before.length + digitsOf(id) + TEXTS + outcome.length + eventId.length + queue.length + digitsOf(offset);
  }

  write(into: Buffer, start: number): number {
    const { outcome, id, queue, offset } = this.#confirm;
    let at = writeNumber(into, writeAscii(into, start, this.#before), this.#id);
    at = writeAscii(into, writeAscii(into, at, OUTCOME), outcome);
    at = writeAscii(into, writeAscii(into, at, ID), id);
    at = writeAscii(into, writeAscii(into, at, QUEUE), queue);
    at = writeNumber(into, writeAscii(into, at, OFFSET), offset);
    return writeAscii(into, at, END);
  }
}
