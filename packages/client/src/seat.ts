/**
 * One seat in a subscription (queue, group): what is in hand, and over which connection. States of one event in hand:
 *
 *   waiting ── its turn ──► running ── settled ──► done
 *           ── lost, connection gone, an earlier one of its parcel failed ──► dropped; the hub sends it again
 *   running ── connection gone ──► orphan ── offered again ──► running, under the new token
 *                                         ── settled ──► done; told when it is offered again
 *                                         ── not offered again for a whole lease ──► lost: its signal aborts
 */
import {
  type DatabasePosition,
  type DeliverPart,
  type Gap,
  HubError,
  type Lost,
  limits,
  type ParcelEvent,
  type Settle,
} from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import { Hand } from "./hand.ts";
import { type Desk, InHand, type Place } from "./in-hand.ts";
import type { Intake } from "./intake.ts";
import type { Answer, Link } from "./link.ts";
import { asError } from "./listeners.ts";
import { OfferedOffsets } from "./offered-offsets.ts";
import { eachPlace } from "./offered-rows.ts";
import { Orphans } from "./orphans.ts";
import { type Hold, ParcelOrder } from "./parcel-order.ts";
import { type Line, readEvent } from "./read-event.ts";
import type { SeatOptions } from "./seat-options.ts";
import { SettleBuffer, type Verdict, WITHDRAW } from "./settle-buffer.ts";
import { Timers } from "./timers.ts";
import { ToldGaps } from "./told-gaps.ts";
import { VerdictMemory } from "./verdict-memory.ts";

/** A database that has nothing yet. */
const EMPTY: DatabasePosition = { generation: 1, offset: 0 };

/** Of what is settled, as JSON at most; a verdict more comes on top. */
const TOLD_BYTES = limits.frameBytesMax / 4;
const GAP_BYTES = 128;

/** A part's events among the lines of its frame. */
type LinesFrom = { lines: readonly Line[]; from: number; isPlain: boolean };

const UNREADABLE: Verdict = { kind: "reject", reason: "The SDK cannot read this event: it is no parcel event in JSON." };

export class Seat implements Desk {
  readonly queue: string;
  readonly group: string;
  readonly intake: Intake;
  sub: number | null = null;
  leaseMs = 30_000;
  /** It is among those that its intake flushes next. */
  hasNews = false;
  readonly #options: SeatOptions;
  #link: Link | null = null;
  #epoch = 0;
  #generation = 0;
  #storageId = "";
  readonly #gaps = new ToldGaps();
  readonly #hand = new Hand();
  readonly #orphans = new Orphans();
  #done = new VerdictMemory();
  readonly #everOffered = new OfferedOffsets();
  /** Failures that were not sent yet. */
  #untold: [Place, Verdict][] = [];
  /** Running, and lost over this connection: their acks may still count there. Another one may lead to an older copy of the hub. */
  readonly #late = new Set<InHand>();
  readonly #order: ParcelOrder;
  readonly #buffer = new SettleBuffer();
  readonly #timers = new Timers();
  #first: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: SeatOptions) {
    this.#options = options;
    this.queue = options.queue;
    this.group = options.group;
    this.intake = options.intake;
    this.#order = new ParcelOrder(options.isPool ? "none" : "key");
  }

  /** Resolves when the hub has subscribed it for the first time; rejects when it is refused for good. */
  take(link: Link | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      if (link !== null) this.up(link);
    });
  }

  up(link: Link): void {
    this.#link = link;
    if (this.#options.resume) void this.#resume(link, this.#options.resume);
    else this.#subscribe(link, null);
  }

  async #resume(link: Link, resume: NonNullable<SeatOptions["resume"]>): Promise<void> {
    try {
      const position = (await resume(this.queue)) ?? EMPTY;
      if (this.#link === link) this.#subscribe(link, position);
    } catch (cause) {
      if (this.#link !== link) return;
      const error = asError(cause);
      if (this.#first !== null) return this.end(error);
      this.#options.announcer.announce("error", error);
      this.#upLater(link);
    }
  }

  #subscribe(link: Link, position: DatabasePosition | null): void {
    const { queue, group } = this;
    const request = { ...this.#options.subscribe, queue, group, ...(position === null ? {} : { resume: position }) };
    link.ask("subscribe", request, (result) => {
      if (this.#link !== link) return;
      if (!result.ok) return this.#refused(link, result.error);
      this.#seated(link, result.answer);
      const { resumed: how, generation, floor } = result.answer;
      if (position === null || how === undefined || how === "agrees") return;
      this.#options.announcer.announce("resumed", { queue, group, how, position, generation, floor });
    });
  }

  #upLater(link: Link): void {
    this.#timers.after(backoffMs(3, 100, 10_000), () => {
      if (this.#link === link) this.up(link);
    });
  }

  down(): void {
    this.#link = null;
    this.sub = null;
    for (const [place, verdict] of this.#untold) this.#done.remember(place, verdict);
    this.#untold = [];
    this.#late.clear();
    this.#buffer.clear();
    this.#order.releaseAll();
    this.#orphanAll();
    const orphans = this.#orphans.all;
    if (orphans.length > 0) this.#timers.after(this.leaseMs, () => this.#orphans.giveUp(orphans));
  }

  /** Its events are the lines from `from` on. Nothing is started: the caller pumps the intake. */
  receive(epoch: number, { generation, first, events }: DeliverPart, frame: LinesFrom): void {
    if (epoch !== this.#epoch) {
      this.flush()?.flush();
      this.#orphanAll();
      this.#epoch = epoch;
    }
    this.reset(generation);
    eachPlace(events, generation, (place, index) => {
      const line = frame.lines[frame.from + index];
      if (line !== undefined) this.#offered(first + index, place, readEvent(line, frame));
    });
  }

  lost({ epoch, tokens }: Lost): void {
    if (epoch !== this.#epoch) return;
    const items = this.#hand.items();
    for (const [from, to] of tokens) {
      for (const item of items) if (item.isInHand && item.counter >= from && item.counter <= to) this.#lost(item);
    }
    this.#sweep();
  }

  /** A new generation: nothing of the old one is remembered, what runs goes on. */
  reset(generation: number): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#gaps.clear();
    this.#forgetAll();
  }

  /** Confirmed each time that it comes: an earlier confirmation may have died on its way. Where nobody listens, nobody knows. */
  gap({ from, to }: Pick<Gap, "from" | "to">): void {
    const { queue, group, sub } = this;
    const link = this.#link;
    const isKnown = this.#gaps.tellOnce({ from, to }, () => this.#options.announcer.announce("gap", { queue, group, from, to }));
    // A hub of version 1 does not know the field.
    if (!isKnown || sub === null || link === null || link.welcome.protocol < 2) return;
    const confirmed: Settle = { sub, epoch: link.welcome.epoch, gaps: [[from, to]] };
    link.settle(JSON.stringify(confirmed), GAP_BYTES);
    link.flush();
  }

  settle(item: InHand, verdict: Verdict): void {
    const { isInHand } = item;
    const isOrphan = !isInHand && this.#orphans.remove(item);
    this.#hand.drop(item);
    const isFailure = verdict.kind === "nack" || verdict.kind === "reject";
    if (!this.#options.isPool && (verdict.kind === "ack" || (isOrphan && isFailure))) item.memory.remember(item.place, verdict);
    // A late ack counts when nobody else holds the event; nothing else of a lost lease does.
    const isLateAck = item.isLost && this.#late.delete(item) && verdict.kind === "ack" && item.epoch === this.#epoch;
    if (this.#link !== null && (isInHand || isLateAck)) {
      this.#tell(item.counter, verdict);
      if (isFailure) this.#untold.push([item.place, verdict]);
    }
    if (verdict.kind !== "ack" && item.memory === this.#done) this.#failed(item);
    this.intake.pumpSoon();
  }

  started(item: InHand): void {
    if (!item.isInHand) return;
    this.intake.hasNews(this);
    this.#buffer.started(item.counter);
  }

  /** The leases of all in hand start anew. */
  extend(): void {
    if (this.#options.isPool || this.sub === null) return;
    for (const { counter } of this.#hand.items()) this.#buffer.extend(counter);
    this.flush();
  }

  /** Answers the link whose `flush` sends it. */
  flush(): Link | null {
    const { sub } = this;
    const link = this.#link;
    if (sub === null || link === null) return null;
    const { bytes } = this.#buffer;
    const settle = this.#buffer.take(sub, this.#epoch);
    if (settle === null) return null;
    link.settle(settle, bytes);
    if (this.#untold.length > 0) this.#untold = [];
    if (this.#order.hasNewHolds) this.#sync(link, this.#order.takeNewHolds());
    return link;
  }

  /** The hub's answer, whatever it says, comes behind what it made of the failure; without one, nothing is known of that. */
  #sync(link: Link, holds: readonly Hold[]): void {
    link.ask("sync", {}, (result) => {
      if (this.#link !== link || !link.alive) return; // `down` releases them.
      if (!result.ok && result.error.code === "TIMED_OUT") this.#sync(link, holds);
      else this.#order.release(holds);
    });
  }

  /** Nothing new over this connection, and what was not started goes back. */
  handBackWaiting(): void {
    if (this.sub !== null) this.#link?.notify("credit", { sub: this.sub, events: 0, bytes: 0 });
    for (const item of this.#hand.items()) if (!item.isRunning) this.#handBack(item);
  }

  /** Gives the seat up. The answer comes after all that was settled before. */
  async leave(): Promise<void> {
    const { sub } = this;
    const link = this.#link;
    this.#link = null;
    this.sub = null;
    this.end(new HubError("CLOSED", "The subscription was given up before the hub answered."));
    if (sub !== null && link !== null) await link.request("unsubscribe", { sub });
  }

  end(why: Error): void {
    this.#timers.clear();
    this.#first?.reject(why);
    this.#first = null;
  }

  #seated(link: Link, answer: Answer<"subscribe">): void {
    this.sub = answer.sub;
    this.leaseMs = answer.leaseMs;
    if (!this.#options.isPool) this.#order.keeps = answer.order === "queue" ? "queue" : "key";
    if (this.#storageId !== "" && this.#storageId !== link.welcome.storageId) {
      // Restored from a backup: an offset may name another event now.
      this.#orphans.giveUp(this.#orphans.all);
      this.#forgetAll();
    }
    this.#storageId = link.welcome.storageId;
    this.reset(answer.generation);
    this.#options.seated(answer.sub, this);
    if (answer.gap !== undefined) this.gap(answer.gap);
    this.#first?.resolve();
    this.#first = null;
  }

  #refused(link: Link, error: HubError): void {
    if (error.code === "TIMED_OUT") {
      link.drop(`no answer to subscribe to ${this.queue}`);
    } else if (error.retry !== "never") {
      this.#upLater(link);
    } else if (this.#first === null) {
      this.#options.announcer.announce("error", error);
    } else {
      this.end(error);
    }
  }

  #tell(token: number, verdict: Verdict): void {
    // A thousand failures with their reasons are more than one message may be.
    if (this.#buffer.bytes > TOLD_BYTES) this.flush();
    this.intake.hasNews(this);
    this.#buffer.add(token, verdict);
  }

  #offered(counter: number, place: Place, event: ParcelEvent | null): void {
    if (place.redrive === 0 && this.#everOffered.add(place.offset)) {
      this.#enqueue(counter, place, event);
      return;
    }
    const known = this.#done.recall(place);
    const orphan = known === undefined ? this.#orphans.claim(place) : undefined;
    if (known !== undefined) {
      // Handled before; the hub has not heard of it, or lost it again.
      this.#tell(counter, known);
      if (known.kind !== "ack") this.#hold(event?.parcel, place);
    } else if (orphan !== undefined) {
      orphan.epoch = this.#epoch;
      orphan.counter = counter;
      this.#hand.add(orphan);
      this.started(orphan);
    } else {
      this.#enqueue(counter, place, event);
    }
  }

  #enqueue(counter: number, place: Place, event: ParcelEvent | null): void {
    const { intake } = this;
    if (event === null) {
      this.#tell(counter, UNREADABLE);
    } else if (intake.isClosing || this.#link?.isLeaving) {
      this.#tell(counter, WITHDRAW);
    } else if (this.#order.isHeld(event.parcel, place)) {
      this.#tell(counter, WITHDRAW);
      this.#hold(event.parcel, place); // What stands behind this one may be on its way, too, and goes back until it returns.
    } else {
      const item = new InHand({ event, desk: this, place, order: this.#order, memory: this.#done, epoch: this.#epoch, counter });
      this.#hand.add(item);
      intake.ready(item);
    }
  }

  /** What stands behind a failed event of the same parcel is void, at the hub as well; the hub offers it again. */
  #failed(item: InHand): void {
    this.#handBackBehind(item);
    if (this.#link !== null) this.#hold(item.event.parcel, item);
  }

  #handBackBehind(first: InHand): void {
    for (const item of this.#hand.items()) if (this.#order.isBehind(item, first)) this.#handBack(item);
  }

  #hold(parcel: string | undefined, { offset, redrive }: Pick<Place, "offset" | "redrive">): void {
    if (!this.#options.isPool && parcel !== undefined && redrive === 0) this.#order.hold(parcel, offset);
  }

  #lost(item: InHand): void {
    this.#hand.drop(item);
    this.#handBackBehind(item);
    if (!item.isRunning) return;
    this.#late.add(item);
    item.lose();
  }

  #handBack(item: InHand): void {
    if (!item.isInHand) return;
    this.#hand.drop(item);
    this.#tell(item.counter, WITHDRAW);
  }

  /** The tokens are of no use any more: what waits is dropped, what runs is recognised when it is offered again. */
  #orphanAll(): void {
    for (const item of this.#hand.takeAll()) if (item.isRunning) this.#orphans.add(item);
    this.#sweep();
  }

  /** Lets go of what waits and is out of hand. */
  #sweep(): void {
    this.#order.sweep();
    this.intake.holdsGone();
  }

  #forgetAll(): void {
    // What runs goes on, and settles nothing: its event is offered anew, and is another one now.
    this.#hand.takeAll();
    this.#sweep();
    this.#order.releaseAll();
    // A new one: what still runs ends later, and must not be taken for the event that has its offset by then.
    this.#done = new VerdictMemory();
    this.#untold = [];
    this.#everOffered.clear();
    this.#orphans.clear();
  }
}
