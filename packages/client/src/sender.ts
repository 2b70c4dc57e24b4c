/**
 * What is unanswered? Entries that are on disk go out in frames, several at a time, over one connection after the other:
 *
 *   a lane is refused, backoff ──► that lane waits, then starts from `confirmedTo` anew; others go on
 *   refused for good           ──► the event moves to `refused`, durably; then its number goes out as a void
 *   the connection goes        ──► all that is not confirmed is sent again over the next one
 *   the hub leaves             ──► answers are awaited; nothing more goes out before the next connection
 *
 * Nothing of a lane goes out before hub and outbox agree on it (`introduction.ts`).
 */
import { encodeTextFrame, HubError, type HubErrorBody, type LaneConfirm, parseConfirm } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import { type Filling, Flow, type SentPart } from "./flow.ts";
import { Introduction } from "./introduction.ts";
import { type Entry, isVoid, type Ledger } from "./ledger.ts";
import type { Link, Result } from "./link.ts";
import { type Announcer, asError } from "./listeners.ts";
import type { Outbox } from "./outbox.ts";
import { PeerError } from "./peer-error.ts";
import { settleConfirmed, settleStored } from "./settle-confirmed.ts";
import { Timers } from "./timers.ts";

type SenderOptions = {
  outbox: Outbox;
  ledger: Ledger;
  announcer: Announcer;
  /** Some entries were confirmed. */
  confirmed: () => void;
  /** Another process holds this outbox: nothing goes out any more. */
  fenced: (error: HubError) => void;
};

/** For the frame's header around the lanes' parts. */
const HEADER_BYTES = 64;

export class Sender {
  readonly #options: SenderOptions;
  readonly #introduction: Introduction;
  readonly #timers = new Timers();
  #flows = new Map<string, Flow>();
  /** Lanes with something to send, longest waiting first; some of them were held or confirmed since they came. */
  #line: Flow[] = [];
  #link: Link | null = null;
  #inFlight = 0;
  /** Halved when the hub refuses a whole frame, so that the one bad event is found; doubled by each confirm. */
  #batchEvents = 1;
  #isFlushing = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    for (const lane of options.ledger.lanes.values()) this.#flows.set(lane.queue, new Flow(lane, lane.assignedTo));
    this.#introduction = new Introduction({
      ...options,
      timers: this.#timers,
      flows: () => [...this.#flows.values()],
      agreed: (flows) => this.#agreed(flows),
      renumbered: () => this.#renumbered(),
    });
  }

  up(link: Link): void {
    this.#link = link;
    this.#inFlight = 0;
    this.#batchEvents = link.welcome.limits.batchEventsMax;
    for (const flow of this.#flows.values()) {
      flow.standing = "unknown";
      flow.rewind();
      this.#wake(flow);
    }
    this.#introduction.up(link);
  }

  down(): void {
    this.#link = null;
    this.#introduction.down();
  }

  stop(): void {
    this.#introduction.stop();
    this.#timers.clear();
  }

  /** These entries are on disk: they may go out. */
  durable(entries: readonly Entry[]): void {
    for (const { queue, number } of entries) {
      const flow = this.#flows.get(queue) ?? this.#newFlow(queue);
      if (number > flow.durableTo) flow.durableTo = number;
      this.#wake(flow);
    }
    if (this.#introduction.state === "idle") this.#introduction.greet();
    this.#flushSoon();
  }

  #newFlow(queue: string): Flow {
    const flow = new Flow(this.#options.ledger.lane(queue), 0);
    this.#flows.set(queue, flow);
    return flow;
  }

  #agreed(flows: readonly Flow[]): void {
    for (const flow of flows) {
      flow.standing = "known";
      this.#wake(flow);
    }
    this.#flushSoon();
  }

  #renumbered(): () => void {
    const flows = [...this.#options.ledger.lanes.values()].map((lane) => new Flow(lane, 0));
    for (const flow of this.#flows.values()) flow.isPast = true;
    const assignedTo = flows.map(({ lane }) => lane.assignedTo);
    this.#flows = new Map(flows.map((flow) => [flow.lane.queue, flow]));
    this.#line = [];
    return () => {
      for (const [i, flow] of flows.entries()) flow.durableTo = Math.max(flow.durableTo, assignedTo[i] ?? 0);
    };
  }

  #wake(flow: Flow): void {
    if (flow.isInLine || !flow.hasMore) return;
    flow.isInLine = true;
    this.#line.push(flow);
  }

  /** All that is published in one turn goes out together. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const link = this.#link;
    if (link === null || link.isLeaving || this.#introduction.state !== "open") return;
    this.#askForNewLanes(link);
    while (this.#inFlight < link.welcome.limits.publishesInFlightMax) {
      const texts: string[] = [];
      const parts = this.#nextParts(link, texts);
      if (parts.length === 0) return;
      this.#inFlight += 1;
      const header = { lanes: parts.map((part) => part.header) };
      link.publish(encodeTextFrame(header, texts), (result) => this.#answered(link, parts, result));
    }
  }

  #askForNewLanes(link: Link): void {
    const flows: Flow[] = [];
    for (const flow of this.#line) if (flow.standing === "unknown") flows.push(flow);
    if (flows.length > 0) void this.#introduction.compare(flows, link.welcome.storageId);
  }

  /** The parts of the next frame; their events' JSON goes to `texts`. */
  #nextParts({ welcome: { limits } }: Link, texts: string[]): SentPart[] {
    const events = Math.min(this.#batchEvents, limits.batchEventsMax);
    const frame: Filling = { events, bytes: limits.frameBytesMax - HEADER_BYTES, texts };
    const parts: SentPart[] = [];
    const line = this.#line;
    let at = 0;
    for (; at < line.length && frame.events > 0; at += 1) {
      const flow = line[at] as Flow;
      if (flow.hasMore) {
        const part = flow.fill(frame);
        if (part === null) break;
        parts.push(part);
      }
      flow.isInLine = false;
    }
    this.#line = line.slice(at);
    // To the end of the line: every lane has its turn.
    for (const { flow } of parts) this.#wake(flow);
    return parts;
  }

  #answered(link: Link, parts: readonly SentPart[], result: Result<unknown>): void {
    if (link !== this.#link || !link.alive) return; // `up` sends all of it again.
    this.#inFlight -= 1;
    const cause = result.ok ? this.#heard(link, parts, parseConfirm(result.answer)) : null;
    if (!result.ok || cause !== null) for (const part of parts) this.#retryLater(part);
    if (cause !== null) {
      const message = "The hub's answer to `publish` breaks the contract; the frame is sent again.";
      this.#options.announcer.announce("error", new HubError("INVALID_MESSAGE", message, { cause }));
    }
    this.#flushSoon();
  }

  /** Answers how the confirm breaks the contract; `null`: it was understood. */
  #heard(link: Link, parts: readonly SentPart[], { data: confirm, error }: ReturnType<typeof parseConfirm>): Error | null {
    if (confirm === undefined) return error;
    switch (confirm.outcome) {
      case "stored":
        if (confirm.offsets.length !== parts.length) return new Error(`${confirm.offsets.length} offsets for ${parts.length} lanes`);
        this.#allStored(link, parts, confirm.offsets);
        return null;
      case "confirmed":
        this.#confirmed(link, parts, confirm.lanes);
        return null;
      case "refused":
        this.#frameRefused(parts, confirm.error);
        return null;
    }
  }

  #allStored(link: Link, parts: readonly SentPart[], offsets: readonly number[]): void {
    this.#fillMore(link);
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at] as SentPart; // There are as many offsets.
      if (!part.flow.isPast) settleStored(this.#confirm(part, part.to), part.header, offsets[at] as number);
    }
    this.#options.confirmed();
  }

  #confirmed(link: Link, parts: readonly SentPart[], lanes: readonly LaneConfirm[]): void {
    this.#fillMore(link);
    let at = 0;
    for (const part of parts) {
      const { queue } = part.header;
      const next = lanes[at++];
      // Hubs answer in the frame's order, though nothing binds them to.
      const lane = next?.queue === queue ? next : lanes.find((other) => other.queue === queue);
      if (lane === undefined) this.#retryLater(part);
      else if (!part.flow.isPast) this.#laneConfirmed(part, lane);
    }
    this.#options.confirmed();
  }

  #fillMore({ welcome: { limits } }: Link): void {
    this.#batchEvents = Math.min(this.#batchEvents * 2, limits.batchEventsMax);
  }

  #laneConfirmed(part: SentPart, confirm: LaneConfirm): void {
    const { flow, round, to } = part;
    // What stands behind this part has an answer of its own, with its offsets. A number that is refused is not ours,
    // even where the hub is beyond it: it has another event under it (SEQUENCE_REUSED).
    const refusedAt = confirm.refused?.number ?? Number.MAX_SAFE_INTEGER;
    settleConfirmed(this.#confirm(part, Math.min(confirm.confirmedTo, to, refusedAt - 1)), confirm);
    if (round !== flow.round) return;
    if (confirm.refused !== undefined) this.#laneRefused(part, confirm.refused);
    else if (confirm.confirmedTo < to) this.#retryLater(part);
  }

  #confirm({ flow, header }: SentPart, to: number): readonly Entry[] {
    const confirmed = this.#options.outbox.confirm(header.queue, to);
    flow.sentTo = Math.max(flow.sentTo, flow.lane.confirmedTo);
    if (confirmed.length > 0) flow.failures = 0;
    return confirmed;
  }

  #laneRefused(part: SentPart, { number, error }: { number: number; error: HubErrorBody }): void {
    if (error.code === "PRODUCER_FENCED") {
      this.#introduction.fence(new PeerError(error));
    } else if (error.code === "SEQUENCE_REUSED") {
      void this.#introduction.oldCopy(error.message);
    } else if (error.retry === "never") {
      void this.#refuseForGood(part, number, error);
    } else {
      // The hub misses an earlier number: ask it how far it is before anything is sent again.
      if (error.code === "SEQUENCE_GAP") part.flow.standing = "unknown";
      this.#retryLater(part);
    }
  }

  /** Nothing of the frame was looked at. */
  #frameRefused(parts: readonly SentPart[], error: HubErrorBody): void {
    const events = parts.reduce((sum, { header }) => sum + header.count, 0);
    const [part] = parts;
    if (error.code === "PRODUCER_FENCED") {
      this.#introduction.fence(new PeerError(error));
    } else if (error.code === "INVALID_MESSAGE" && events === 1 && part !== undefined) {
      void this.#refuseForGood(part, part.to, error);
    } else {
      if (error.code === "INVALID_MESSAGE") this.#batchEvents = Math.max(1, Math.floor(Math.min(this.#batchEvents, events) / 2));
      else if (error.retry === "never") this.#options.announcer.announce("error", new PeerError(error));
      if (error.code === "HELLO_MISSING") this.#introduction.greetLater();
      for (const sent of parts) this.#retryLater(sent);
    }
  }

  /** The lane starts from `confirmedTo` anew, after a while. */
  #retryLater({ flow, round }: SentPart): void {
    if (round !== flow.round) return;
    this.#hold(flow);
    this.#releaseLater(flow);
  }

  #hold(flow: Flow): void {
    flow.rewind();
    flow.held = true;
  }

  #releaseLater(flow: Flow): void {
    this.#timers.after(backoffMs(flow.failures, 100, 10_000), () => this.#release(flow));
    flow.failures += 1;
  }

  #release(flow: Flow): void {
    flow.held = false;
    if (flow.isPast) return;
    this.#wake(flow);
    this.#flushSoon();
  }

  /** First to disk, then out as a void: a crash in between sends it once more, and it is refused once more. */
  async #refuseForGood(part: SentPart, number: number, error: HubErrorBody): Promise<void> {
    const { flow } = part;
    const { outbox, announcer, confirmed } = this.#options;
    const entry = flow.lane.at(number);
    if (entry === undefined || isVoid(entry)) {
      announcer.announce("error", new PeerError(error));
      this.#retryLater(part);
      return;
    }
    this.#hold(flow);
    try {
      const refused = await outbox.refuse(flow.lane.queue, number, error);
      entry.waiter?.reject(new PeerError(error));
      entry.waiter = null;
      if (refused !== null) announcer.announce("refused", refused);
      this.#release(flow);
      confirmed();
    } catch (failure) {
      announcer.announce("error", asError(failure));
      this.#releaseLater(flow);
    }
  }
}
