import {
  bodiesOf,
  type EventLine,
  eventOfText,
  HubError,
  type ParcelEvent,
  parseJson,
  type ReadFrame,
  readFrame,
  type ToldEvent,
} from "@waybill/events";
import { type Candidate, candidateOf, checkSize, type Origin, parseEvent } from "./candidate.ts";

const { latin1Slice } = Buffer.prototype;
const nothing = new Uint8Array();

/** The events of a publish frame, taken one after the other. */
export class FrameEvents implements EventLine {
  readonly header: unknown;
  readonly #read: ReadFrame;
  readonly #bodies: readonly Uint8Array[];
  #at = 0;
  /** Of the event that is being read. */
  text = "";
  #body: Uint8Array = nothing;

  /** Throws INVALID_MESSAGE when the header is not JSON. */
  constructor(frame: Uint8Array) {
    this.#read = readFrame(frame);
    this.#bodies = bodiesOf(frame, this.#read);
    this.header = this.#read.header;
  }

  get count(): number {
    return this.#bodies.length;
  }

  /** Throws what is wrong with the next event: too large, not JSON, unknown type, its schema's issues, or another home than its lane's. */
  next(origin: Origin, number: number): Candidate {
    const body = this.#bodies[this.#at];
    const line = this.#read.lines[this.#at];
    this.#at += 1;
    if (body === undefined || line === undefined) throw new HubError("INVALID_MESSAGE", `No line for number ${number} of ${origin.home}.`);
    checkSize(body);
    const event = this.#writtenBySdk(line, body, origin) ?? parseEvent(parseJson(line, "the event", this.#read));
    return candidateOf({ event, body, number }, origin);
  }

  /** `null`: it is written otherwise. */
  #writtenBySdk(line: string | Uint8Array, body: Uint8Array, { store }: Origin): ParcelEvent | ToldEvent | null {
    if (typeof line !== "string" || !this.#read.isPlain) return null;
    this.text = line;
    this.#body = body;
    return eventOfText(this, store);
  }

  cut(from: number, to: number): string {
    return latin1Slice.call(this.#body, from, to);
  }
}
