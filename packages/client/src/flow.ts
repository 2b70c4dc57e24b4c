import type { LanePart } from "@waybill/events";
import type { Lane } from "./ledger.ts";

/** One lane's part of a frame that is under way. */
export type SentPart = { flow: Flow; header: LanePart; bodies: Uint8Array[]; to: number; round: number; bytes: number };

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

  /** The next entries, in order, as many as fit; `null`: not even one. */
  take(left: { events: number; bytes: number }): SentPart | null {
    const first = this.sentTo + 1;
    const voids: number[] = [];
    const bodies: Uint8Array[] = [];
    // The part's own JSON in the header: names, quotes and three numbers.
    let bytes = this.lane.queue.length + 80;
    let number = first;
    for (; number <= this.durableTo && number - first < left.events; number += 1) {
      const entry = this.lane.at(number);
      if (entry === undefined) break;
      const cost = entry.body === null ? 18 : entry.body.length + 1;
      if (bytes + cost > left.bytes) break;
      bytes += cost;
      if (entry.body === null) voids.push(number);
      else bodies.push(entry.body);
    }
    const count = number - first;
    if (count === 0) return null;
    this.sentTo = number - 1;
    this.triedTo = Math.max(this.triedTo, this.sentTo);
    const header = { queue: this.lane.queue, first, count };
    return {
      flow: this,
      header: voids.length === 0 ? header : { ...header, void: voids },
      bodies,
      to: this.sentTo,
      round: this.round,
      bytes,
    };
  }
}
