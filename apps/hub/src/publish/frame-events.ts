import { frameBodies, HubError, parseJson, type ReadFrame, readFrame } from "@waybill/events";
import { type Candidate, candidateOf, checkSize, type Origin, parseEvent } from "./candidate.ts";

/** The events of a publish frame, taken one after the other. */
export class FrameEvents {
  readonly header: unknown;
  readonly #read: ReadFrame;
  readonly #bodies: readonly Uint8Array[];
  #at = 0;

  /** Throws INVALID_MESSAGE when the header is not JSON. */
  constructor(frame: Uint8Array) {
    this.#read = readFrame(frame);
    this.#bodies = frameBodies(frame);
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
    return candidateOf({ event: parseEvent(parseJson(line, "the event", this.#read)), body, number }, origin);
  }
}
