import type { LanePart } from "@waybill/events";
import { EventEntry } from "./event-entry.ts";
import type { Lane } from "./ledger.ts";

/** One lane's part of a frame that is under way. */
export type SentPart = { flow: Flow; header: LanePart; to: number; round: number };

/** A frame that is being filled: its events so far, and what it has room for still. */
export type Filling = { events: number; bytes: number; readonly texts: string[] };

/** A number in the header's list of voids. */
const VOID_BYTES = 18;

/** How far one lane is sent over the present connection. */
export class Flow {
  readonly lane: Lane;
  /** The outbox has all up to here on disk: it may be sent. */
  durableTo: number;
  /** Sent over this connection, answered or not. */
  sentTo: number;
  /** Ever sent, by any process that held this outbox. */
  triedTo: number;
  /** Over this connection: the hub was asked how far it is, and hub and outbox agree. */
  standing: "unknown" | "asked" | "known" = "unknown";
  /** Raised by every start from `confirmedTo` anew: refusals of earlier rounds are old news. */
  round = 0;
  /** In a row, of this lane. */
  failures = 0;
  /** Stands in the sender's line. */
  isInLine = false;
  /** Of a producer before: answers that are still to come are no longer its lane's. */
  isPast = false;
  /** Waits for a timer or for the outbox: nothing of this lane goes out. */
  held = false;

  constructor(lane: Lane, triedTo: number) {
    this.lane = lane;
    this.durableTo = triedTo;
    this.triedTo = triedTo;
    this.sentTo = lane.confirmedTo;
  }

  get hasMore(): boolean {
    return !this.held && this.standing !== "asked" && this.sentTo < this.durableTo;
  }

  /** All that is not confirmed is sent again. */
  rewind(): void {
    this.round += 1;
    this.sentTo = this.lane.confirmedTo;
  }

  /** The next entries, in order, as many as fit, go into the frame; `null`: not even one. */
  fill(frame: Filling): SentPart | null {
    const { queue } = this.lane;
    const first = this.sentTo + 1;
    let voids: number[] | null = null;
    // The part's own JSON in the header: names, quotes and three numbers.
    let bytes = queue.length + 80;
    let number = first;
    for (; number <= this.durableTo && number - first < frame.events; number += 1) {
      const entry = this.lane.at(number);
      if (entry === undefined) break;
      const { isVoid, text, bytes: textBytes } = EventEntry.of(entry);
      const cost = isVoid ? VOID_BYTES : textBytes + 1;
      if (bytes + cost > frame.bytes) break;
      bytes += cost;
      if (isVoid) {
        voids ??= [];
        voids.push(number);
      } else frame.texts.push(text);
    }
    const count = number - first;
    if (count === 0) return null;
    frame.events -= count;
    frame.bytes -= bytes;
    this.sentTo = number - 1;
    this.triedTo = Math.max(this.triedTo, this.sentTo);
    const header = { queue, first, count };
    return { flow: this, header: voids === null ? header : { ...header, void: voids }, to: this.sentTo, round: this.round };
  }
}
