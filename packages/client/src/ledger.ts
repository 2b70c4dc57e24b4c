/**
 * What an outbox holds, as numbers and lists: one ledger stands behind every kind of outbox. The outbox changes it and
 * makes the change durable; the publisher reads it. It knows nothing of sockets or files.
 */
import type { HubErrorBody, ParcelEvent } from "@waybill/events";
import { EventEntry } from "./event-entry.ts";
import type { Published, RefusedEvent } from "./types.ts";

/**
 * One number of a lane: an event that is not confirmed, or a void (its event was refused for good). The SDK's own keep the event's JSON only:
 * `event` and `body` are made for each who reads them.
 */
export type Entry = {
  /** Given by the lane; a new producer numbers anew. */
  number: number;
  readonly queue: string;
  readonly event: ParcelEvent;
  /** The event's JSON; `null`: a void. */
  body: Uint8Array | null;
  /** Who waits for the answer: nobody after a restart, or when an answer was given already. */
  waiter: Waiter | null;
};
export type Waiter = {
  resolve: (published: Published) => void;
  reject: (error: Error) => void;
  /** The outbox has it. */
  durable?: () => void;
};

/** Of a lane at first, and twice as many whenever they are taken; a lane that is empty keeps some. Powers of two. */
const PLACES_MIN = 16;
const PLACES_KEPT = 256;

/**
 * Entries of one lane, numbers contiguous from `confirmedTo + 1`. Each stands at its number, modulo the places: those that come and go by the
 * thousand move nothing, and leave nothing behind.
 */
export class Lane {
  readonly queue: string;
  confirmedTo = 0;
  #size = 0;
  #places: (Entry | undefined)[] = placesFor(PLACES_MIN);

  constructor(queue: string) {
    this.queue = queue;
  }

  get size(): number {
    return this.#size;
  }

  /** The highest number ever given here. */
  get assignedTo(): number {
    return this.confirmedTo + this.#size;
  }

  at(number: number): Entry | undefined {
    return number > this.confirmedTo && number <= this.assignedTo ? this.#places[this.#placeOf(number)] : undefined;
  }

  entries(): Entry[] {
    const entries: Entry[] = [];
    // None of these was let go.
    for (let number = this.confirmedTo + 1; number <= this.assignedTo; number += 1) entries.push(this.at(number) as Entry);
    return entries;
  }

  push(entry: Entry): void {
    if (this.#size === this.#places.length) this.#move(2 * this.#size);
    this.#size += 1;
    entry.number = this.assignedTo;
    this.#places[this.#placeOf(entry.number)] = entry;
  }

  /** Takes the newest entry back: it could not be made durable. */
  pop(): void {
    if (this.#size === 0) return;
    this.#places[this.#placeOf(this.assignedTo)] = undefined;
    this.#size -= 1;
  }

  confirm(to: number): Entry[] {
    const count = Math.min(to - this.confirmedTo, this.#size);
    if (count <= 0) return [];
    const confirmed = new Array<Entry>(count);
    for (let index = 0; index < count; index += 1) {
      const place = this.#placeOf(this.confirmedTo + 1 + index);
      confirmed[index] = this.#places[place] as Entry;
      this.#places[place] = undefined; // An event must not be kept for those behind it.
    }
    this.confirmedTo += count;
    this.#size -= count;
    if (this.#size === 0 && this.#places.length > PLACES_KEPT) this.#move(PLACES_MIN);
    return confirmed;
  }

  #placeOf(number: number): number {
    return number & (this.#places.length - 1);
  }

  #move(places: number): void {
    const entries = this.entries();
    this.#places = placesFor(places);
    for (const entry of entries) this.#places[this.#placeOf(entry.number)] = entry;
  }
}

const placesFor = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);

export class Ledger {
  producer: string;
  incarnation = 1;
  /** Of the hub that this outbox spoke to last. */
  storageId: string | null = null;
  /** Numbers that are not confirmed, voids included. */
  pending = 0;
  lanes = new Map<string, Lane>();
  refused: RefusedEvent[] = [];

  constructor(producer: string) {
    this.producer = producer;
  }

  lane(queue: string): Lane {
    let lane = this.lanes.get(queue);
    if (lane === undefined) {
      lane = new Lane(queue);
      this.lanes.set(queue, lane);
    }
    return lane;
  }

  put(entry: Entry): void {
    this.lane(entry.queue).push(entry);
    this.pending += 1;
  }

  /** The reverse of `put`, newest first. */
  takeBack(entries: readonly Entry[]): void {
    for (const entry of entries) this.lane(entry.queue).pop();
    this.pending -= entries.length;
  }

  confirm(queue: string, to: number): Entry[] {
    const confirmed = this.lane(queue).confirm(to);
    this.pending -= confirmed.length;
    return confirmed;
  }

  /** The event leaves its lane; its number stays, as a void. Returns `null` when there is no such event. */
  refuse(queue: string, number: number, error: HubErrorBody, at: string): RefusedEvent | null {
    const entry = this.lane(queue).at(number);
    if (entry === undefined || isVoid(entry)) return null;
    entry.body = null;
    const refused: RefusedEvent = { event: entry.event, error, at };
    this.refused.push(refused);
    return refused;
  }

  /** Goes on as another producer: what is pending is numbered anew, from 1, in its order; voids are of no use to it. */
  renew(producer: string, storageId: string | null): void {
    const lanes = [...this.lanes.values()];
    this.producer = producer;
    this.incarnation = 1;
    this.storageId = storageId;
    this.lanes = new Map();
    this.pending = 0;
    for (const lane of lanes) {
      for (const entry of lane.entries()) if (!isVoid(entry)) this.put(entry);
    }
  }

  /** `at` of the oldest event that is not confirmed. */
  get oldest(): string | null {
    let oldest: { at: string; ms: number } | null = null;
    for (const lane of this.lanes.values()) {
      const at = lane.at(lane.confirmedTo + 1)?.event.at;
      if (at === undefined) continue;
      const ms = Date.parse(at);
      if (oldest === null || ms < oldest.ms) oldest = { at, ms };
    }
    return oldest?.at ?? null;
  }
}

/** `body` tells it of any entry; those that make it when it is read are asked. */
export const isVoid = (entry: Entry): boolean => (entry instanceof EventEntry ? entry.isVoid : entry.body === null);
