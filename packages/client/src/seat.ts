/**
 * One seat in a subscription (queue, group): what is in hand, and over which connection. States of one event in hand:
 *
 *   waiting ── its turn ──► running ── settled ──► done
 *           ── lost, connection gone, an earlier one of its parcel failed ──► dropped; the hub sends it again
 *   running ── connection gone ──► orphan ── offered again ──► running, under the new token
 *                                         ── settled ──► done; told when it is offered again
 *                                         ── its lease is over ──► lost
 */
import { type DeliverHeader, HubError, type Lost, type ParcelEvent, parseJson, type Subscribe } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import { type Chain, type Desk, InHand, type Place } from "./in-hand.ts";
import type { Intake } from "./intake.ts";
import type { Answer, Link } from "./link.ts";
import type { Announcer } from "./listeners.ts";
import { ACK, SettleBuffer, type Verdict, WITHDRAW } from "./settle-buffer.ts";

/**
 * Verdicts remembered, for events that the hub offers again because it never heard of them or lost them with its last
 * commit: more than a hub can have in hand with us and in one commit.
 */
const DONE_MAX = 8_192;

export type SeatOptions = {
  queue: string;
  group: string;
  subscribe: Omit<Subscribe, "queue" | "group">;
  intake: Intake;
  announcer: Announcer;
  /** A pool's offers: no order, no extension, no memory: the same job may come again. */
  isPool: boolean;
  /** Routes frames of this number to this seat. */
  seated: (sub: number, seat: Seat) => void;
};

/** Identity of a delivery within a generation. */
type DeliveryKey = number | string;
const keyOf = ({ offset, redrive }: Pick<Place, "offset" | "redrive">): DeliveryKey => (redrive === 0 ? offset : `${offset}/${redrive}`);

export class Seat implements Desk {
  readonly queue: string;
  readonly group: string;
  sub: number | null = null;
  leaseMs = 30_000;
  readonly #options: SeatOptions;
  #link: Link | null = null;
  #epoch = 0;
  #generation = 0;
  #storageId = "";
  /** By token, of this connection: waiting or running, not settled. */
  readonly #hand = new Map<number, InHand>();
  /** Running since before this connection, not offered again yet. */
  readonly #orphans = new Map<DeliveryKey, InHand>();
  readonly #done = new Map<DeliveryKey, Verdict>();
  /** Failures that were not sent yet. */
  readonly #untold: [DeliveryKey, Verdict][] = [];
  readonly #chains = new Map<string, Chain>();
  readonly #buffer = new SettleBuffer();
  /** Parcels that failed: what the hub sent before it knew of that goes back. Until it has answered a later question. */
  readonly #holds = new Map<string, { offset: number }>();
  #newHolds: string[] = [];
  #first: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: SeatOptions) {
    this.#options = options;
    this.queue = options.queue;
    this.group = options.group;
  }

  /** Resolves when the hub has subscribed it for the first time. */
  take(link: Link | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      if (link !== null) this.up(link);
    });
  }

  fail(error: Error): void {
    this.#first?.reject(error);
    this.#first = null;
  }

  up(link: Link): void {
    this.#link = link;
    const { queue, group } = this;
    link.ask("subscribe", { ...this.#options.subscribe, queue, group }, (result) => {
      if (this.#link !== link || !link.alive) return;
      if (result.ok) return this.#seated(link, result.answer);
      const { error } = result;
      if (error.code === "TIMED_OUT") return link.drop(`no answer to subscribe: ${queue}`);
      if (error.retry === "never") {
        if (this.#first === null) this.#options.announcer.announce("error", error);
        return this.fail(error);
      }
      setTimeout(() => this.#link === link && link.alive && this.up(link), backoffMs(3, 100, 10_000));
    });
  }

  down(): void {
    this.#link = null;
    this.sub = null;
    for (const [key, verdict] of this.#untold.splice(0)) this.#remember(key, verdict);
    this.#buffer.clear();
    this.#orphan();
    const orphans = [...this.#orphans];
    if (orphans.length > 0) setTimeout(() => this.#giveUp(orphans), this.leaseMs);
    this.#holds.clear();
    this.#newHolds = [];
  }

  receive(header: DeliverHeader, bodies: readonly Uint8Array[]): void {
    if (header.epoch !== this.#epoch) this.#orphan();
    this.#epoch = header.epoch;
    if (header.generation !== this.#generation) this.reset(header.generation);
    header.events.forEach(([offset = 0, recordedAtMs = 0, failed = 0, interrupted = 0, redrive = 0], i) => {
      const body = bodies[i];
      if (body !== undefined) this.#offered(header.first + i, { offset, recordedAtMs, attempt: failed + interrupted + 1, redrive }, body);
    });
    this.#options.intake.pump();
    this.#options.intake.pumpSoon();
  }

  lost({ epoch, tokens }: Lost): void {
    if (epoch !== this.#epoch) return;
    for (const [from, to] of tokens) {
      for (let token = from; token <= to; token += 1) {
        const item = this.#hand.get(token);
        if (item === undefined) continue;
        this.#hand.delete(token);
        this.#voidBehind(item);
        if (item.chain.running === item) item.lose();
        else this.#drop(item);
      }
    }
  }

  /** A new generation: nothing of the old one is remembered, what runs goes on. */
  reset(generation: number): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#forgetAll();
  }

  settle(item: InHand, verdict: Verdict): void {
    const key = keyOf(item);
    const inHand = this.#hand.get(item.counter) === item;
    if (inHand) this.#hand.delete(item.counter);
    const isOrphan = this.#orphans.get(key) === item;
    if (isOrphan) this.#orphans.delete(key);
    if (verdict.kind === "ack" || (isOrphan && verdict.kind !== "withdraw")) this.#remember(key, verdict);
    // A late ack counts when nobody else holds the event; nothing else of a lost lease does.
    if (this.#link !== null && item.epoch === this.#epoch && (inHand || (item.isLost && verdict.kind === "ack"))) {
      this.#buffer.add(item.counter, verdict);
      if (verdict.kind === "nack" || verdict.kind === "reject") this.#untold.push([key, verdict]);
    }
    if (verdict.kind !== "ack") this.#failed(item);
    this.#options.intake.pumpSoon();
  }

  started(item: InHand): void {
    if (this.#hand.get(item.counter) === item) this.#buffer.started(item.counter);
  }

  forget(chain: Chain): void {
    if (this.#chains.get(chain.key) === chain) this.#chains.delete(chain.key);
  }

  /** The leases of all in hand start anew. */
  extend(): void {
    if (this.#options.isPool || this.sub === null) return;
    for (const token of this.#hand.keys()) this.#buffer.extend(token);
    this.flush();
  }

  flush(): void {
    const { sub } = this;
    const link = this.#link;
    if (sub === null || link === null) return;
    const message = this.#buffer.take();
    if (message === null) return;
    link.notify("settle", { sub, epoch: this.#epoch, ...message });
    this.#untold.length = 0;
    if (this.#newHolds.length > 0) this.#awaitHolds(link, this.#newHolds.splice(0));
  }

  handBackWaiting(): void {
    if (this.sub !== null) this.#link?.notify("credit", { sub: this.sub, events: 0, bytes: 0 });
    for (const chain of this.#chains.values()) for (const item of chain.waiting.splice(0)) this.#handBack(item);
  }

  /** Gives the seat up. The answer comes after all that was settled before. */
  async leave(): Promise<void> {
    const { sub } = this;
    const link = this.#link;
    this.#link = null;
    this.sub = null;
    this.fail(new HubError("CLOSED", "The subscription was given up before the hub answered."));
    if (sub !== null && link !== null) await link.request("unsubscribe", { sub });
  }

  #seated(link: Link, answer: Answer<"subscribe">): void {
    const { queue, group } = this;
    this.sub = answer.sub;
    this.leaseMs = answer.leaseMs;
    if (this.#storageId !== "" && this.#storageId !== link.welcome.storageId) {
      // Restored from a backup: an offset may name another event now.
      this.#giveUp([...this.#orphans]);
      this.#forgetAll();
    }
    this.#storageId = link.welcome.storageId;
    this.reset(answer.generation);
    this.#options.seated(answer.sub, this);
    if (answer.gap !== undefined) this.#options.announcer.announce("gap", { queue, group, ...answer.gap });
    this.#first?.resolve();
    this.#first = null;
  }

  #offered(counter: number, place: Place, body: Uint8Array): void {
    const key = keyOf(place);
    const known = this.#done.get(key);
    const orphan = this.#orphans.get(key);
    if (known !== undefined) this.#tellAgain(key, counter, known);
    else if (orphan !== undefined) this.#attach(key, orphan, counter);
    else this.#enqueue(counter, place, readEvent(body));
  }

  #enqueue(counter: number, place: Place, event: ParcelEvent | null): void {
    if (event === null) {
      this.#buffer.add(counter, { kind: "reject", reason: "The SDK cannot read this event: it is no parcel event in JSON." });
    } else if (this.#options.intake.isClosing || this.#isHeld(event.parcel, place)) {
      this.#buffer.add(counter, WITHDRAW);
    } else {
      const chain = this.#chain(this.#options.isPool ? String(counter) : event.parcel);
      const item = new InHand({ event, desk: this, place, chain, epoch: this.#epoch, counter });
      this.#hand.set(counter, item);
      chain.waiting.push(item);
      this.#options.intake.ready(chain);
    }
  }

  /** Handled before; the hub has not heard of it, or lost it again. */
  #tellAgain(key: DeliveryKey, counter: number, verdict: Verdict): void {
    this.#buffer.add(counter, verdict);
    if (verdict.kind !== "ack") this.#done.delete(key);
  }

  #attach(key: DeliveryKey, orphan: InHand, counter: number): void {
    this.#orphans.delete(key);
    orphan.epoch = this.#epoch;
    orphan.counter = counter;
    this.#hand.set(counter, orphan);
    this.#buffer.started(counter);
  }

  #chain(key: string): Chain {
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = { key, desk: this, running: null, waiting: [], isReady: false };
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #remember(key: DeliveryKey, verdict: Verdict): void {
    if (this.#options.isPool) return;
    this.#done.set(key, verdict.kind === "ack" ? ACK : verdict);
    if (this.#done.size <= DONE_MAX) return;
    for (const oldest of this.#done.keys()) {
      this.#done.delete(oldest);
      return;
    }
  }

  /** What stands behind a failed event of the same parcel is void, at the hub as well; the hub offers it again. */
  #failed(item: InHand): void {
    this.#voidBehind(item);
    if (this.#options.isPool || this.#link === null || item.redrive > 0) return;
    const parcel = item.event.parcel;
    this.#holds.set(parcel, { offset: item.offset });
    this.#newHolds.push(parcel);
  }

  #voidBehind({ chain, place: { offset } }: InHand): void {
    const behind = chain.waiting.filter((item) => item.offset > offset);
    chain.waiting = chain.waiting.filter((item) => item.offset <= offset);
    for (const item of behind) this.#handBack(item);
  }

  #handBack(item: InHand): void {
    if (this.#hand.get(item.counter) !== item) return;
    this.#hand.delete(item.counter);
    this.#buffer.add(item.counter, WITHDRAW);
  }

  #drop({ chain, counter }: InHand): void {
    chain.waiting = chain.waiting.filter((item) => item.counter !== counter);
    if (chain.waiting.length === 0 && chain.running === null && !chain.isReady) this.forget(chain);
  }

  #isHeld(parcel: string, { offset, redrive }: Place): boolean {
    const hold = this.#holds.get(parcel);
    if (hold === undefined || redrive > 0) return false;
    if (offset > hold.offset) return true;
    this.#holds.delete(parcel);
    return false;
  }

  /** A question that is asked behind the nack: what comes behind its answer was sent by a hub that knows of the nack. */
  #awaitHolds(link: Link, parcels: readonly string[]): void {
    const holds = parcels.map((parcel) => this.#holds.get(parcel));
    link.ask("lanes", { queues: [this.queue] }, () => {
      parcels.forEach((parcel, i) => {
        if (this.#holds.get(parcel) === holds[i]) this.#holds.delete(parcel);
      });
    });
  }

  /** The tokens are of no use any more: what waits is dropped, what runs is recognised when it is offered again. */
  #orphan(): void {
    for (const item of this.#hand.values()) if (item.chain.running === item) this.#orphans.set(keyOf(item), item);
    this.#hand.clear();
    for (const chain of [...this.#chains.values()]) {
      chain.waiting = [];
      if (chain.running === null) this.#chains.delete(chain.key);
    }
  }

  #forgetAll(): void {
    for (const chain of this.#chains.values()) for (const { counter } of chain.waiting.splice(0)) this.#hand.delete(counter);
    this.#done.clear();
    this.#orphans.clear();
    this.#holds.clear();
  }

  /** Not offered again for a whole lease: somebody else has it. */
  #giveUp(orphans: readonly [DeliveryKey, InHand][]): void {
    for (const [key, item] of orphans) {
      if (this.#orphans.get(key) !== item) continue;
      this.#orphans.delete(key);
      item.lose();
    }
  }
}

/** The hub has checked it; here only what the SDK itself relies on is looked at, so that a newer event type passes. */
function readEvent(body: Uint8Array): ParcelEvent | null {
  let value: unknown;
  try {
    value = parseJson(body, "an event");
  } catch {
    return null;
  }
  return isEvent(value) ? value : null;
}

function isEvent(value: unknown): value is ParcelEvent {
  if (typeof value !== "object" || value === null || !("type" in value) || !("parcel" in value) || !("store" in value) || !("id" in value))
    return false;
  return (
    typeof value.type === "string" && typeof value.parcel === "string" && typeof value.store === "string" && typeof value.id === "string"
  );
}
