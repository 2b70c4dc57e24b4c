/**
 * What is unanswered? From a durable entry to the hub's confirm, over one connection after the other:
 *
 *   up ──► hello, then `lanes` for all that is known ──► open: frames go out, several at a time
 *   open ── a lane is refused: backoff ──► that lane waits, then starts from `confirmedTo` anew; others go on
 *        ── refused for good ──► the event moves to `refused`, durably; its number goes out as a void
 *        ── fenced ──► stopped
 *        ── the outbox is an old copy, or the hub was restored ──► a new producer id, and a new connection
 *   down ──► all that is not confirmed is sent again after the next `hello`
 */
import { type Confirm, confirmSchema, encodeFrame, HubError, type HubErrorBody, type LaneConfirm } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import { Flow, type SentPart } from "./flow.ts";
import type { Entry, Ledger } from "./ledger.ts";
import type { Link, Result } from "./link.ts";
import type { Announcer } from "./listeners.ts";
import { asError } from "./listeners.ts";
import type { Outbox } from "./outbox.ts";
import { PeerError } from "./peer-error.ts";
import { settleConfirmed } from "./settle-confirmed.ts";
import { type Asked, standingOf } from "./standing.ts";

const LANES_PER_REQUEST = 512;

type SenderOptions = { outbox: Outbox; ledger: Ledger; announcer: Announcer; confirmed: () => void; fenced: (error: HubError) => void };
type Frame = { link: Link; parts: SentPart[] };

export class Sender {
  readonly #outbox: Outbox;
  readonly #ledger: Ledger;
  readonly #options: SenderOptions;
  #flows = new Map<string, Flow>();
  /** Lanes with something to send, longest waiting first. */
  readonly #sendable = new Set<Flow>();
  #link: Link | null = null;
  #state: "idle" | "greeting" | "open" | "renewing" | "stopped" = "idle";
  #inFlight = 0;
  /** Halved when the hub refuses a whole frame, so that the one bad event is found; doubled by each confirm. */
  #batchEvents = 1;
  #failures = 0;
  #flushing = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = options.outbox;
    this.#ledger = options.ledger;
    for (const lane of this.#ledger.lanes.values()) this.#flows.set(lane.queue, new Flow(lane, lane.assignedTo));
  }

  up(link: Link): void {
    if (this.#state === "stopped") return;
    this.#link = link;
    if (this.#state === "renewing") return;
    this.#state = "idle";
    this.#batchEvents = link.welcome.limits.batchEventsMax;
    this.#inFlight = 0;
    for (const flow of this.#flows.values()) {
      flow.standing = "unknown";
      flow.rewind();
      this.#wake(flow);
    }
    if (this.#flows.size > 0) this.#greet(link);
  }

  down(): void {
    this.#link = null;
    if (this.#state === "greeting" || this.#state === "open") this.#state = "idle";
  }

  stop(): void {
    this.#state = "stopped";
  }

  /** These entries are on disk: they may go out. */
  durable(entries: readonly Entry[]): void {
    for (const { queue, number } of entries) {
      let flow = this.#flows.get(queue);
      if (flow === undefined) {
        flow = new Flow(this.#ledger.lane(queue), 0);
        this.#flows.set(queue, flow);
      }
      if (number > flow.durableTo) flow.durableTo = number;
      this.#wake(flow);
    }
    if (this.#link !== null && this.#state === "idle") this.#greet(this.#link);
    this.#flushSoon();
  }

  #wake(flow: Flow): void {
    if (flow.hasMore) this.#sendable.add(flow);
  }

  /** All that is published in one turn goes out together. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const link = this.#link;
    if (link === null || this.#state !== "open") return;
    const unchecked = [...this.#sendable].filter(({ standing }) => standing === "unknown");
    if (unchecked.length > 0) void this.#compare(link, unchecked, link.welcome.storageId);
    while (this.#inFlight < link.welcome.limits.publishesInFlightMax && this.#sendable.size > 0) {
      const parts = this.#nextParts(link);
      if (parts.length === 0) return;
      this.#inFlight += 1;
      const frame = { link, parts };
      const bytes = encodeFrame(
        { lanes: parts.map(({ header }) => header) },
        parts.flatMap(({ bodies }) => bodies),
      );
      link.publish(bytes, (result) => this.#answered(frame, result));
    }
  }

  #nextParts({ welcome: { limits } }: Link): SentPart[] {
    const left = { events: Math.min(this.#batchEvents, limits.batchEventsMax), bytes: limits.frameBytesMax - 64 };
    const parts: SentPart[] = [];
    for (const flow of [...this.#sendable]) {
      if (left.events === 0) break;
      const part = flow.take(left);
      if (part === null) break;
      parts.push(part);
      left.events -= part.header.count;
      left.bytes -= part.bytes;
      // To the end of the line, when there is more: every lane has its turn.
      this.#sendable.delete(flow);
      this.#wake(flow);
    }
    return parts;
  }

  #answered({ link, parts }: Frame, result: Result<unknown>): void {
    if (link !== this.#link || !link.alive) return; // `up` sends all of it again.
    this.#inFlight -= 1;
    const confirm = result.ok ? confirmSchema.safeParse(result.answer) : null;
    if (confirm === null || !confirm.success) {
      if (confirm !== null)
        this.#options.announcer.announce(
          "error",
          new HubError("INVALID_MESSAGE", "The hub's answer to `publish` breaks the contract.", { cause: confirm.error }),
        );
      for (const part of parts) this.#retryLater(part);
    } else if (confirm.data.outcome === "refused") {
      this.#frameRefused(link, parts, confirm.data.error);
    } else {
      this.#confirmed(link, parts, confirm.data);
    }
    this.#flushSoon();
  }

  #confirmed(link: Link, parts: readonly SentPart[], { lanes }: Extract<Confirm, { outcome: "confirmed" }>): void {
    const byQueue = new Map<string, LaneConfirm>(lanes.map((lane) => [lane.queue, lane]));
    this.#batchEvents = Math.min(this.#batchEvents * 2, link.welcome.limits.batchEventsMax);
    for (const part of parts) {
      const lane = byQueue.get(part.header.queue);
      if (lane === undefined) this.#retryLater(part);
      else this.#laneConfirmed(part, lane);
    }
    this.#options.confirmed();
  }

  #laneConfirmed(part: SentPart, confirm: LaneConfirm): void {
    const { flow } = part;
    // What stands behind this part has an answer of its own, with its offsets. A number that is refused is not ours,
    // even where the hub is beyond it: it has another event under it (SEQUENCE_REUSED).
    const to = Math.min(confirm.confirmedTo, part.to, (confirm.refused?.number ?? Number.MAX_SAFE_INTEGER) - 1);
    const confirmed = this.#outbox.confirm(part.header.queue, to);
    settleConfirmed(confirmed, confirm);
    flow.sentTo = Math.max(flow.sentTo, flow.lane.confirmedTo);
    if (confirmed.length > 0) flow.failures = 0;
    if (part.round !== flow.round) return;
    if (confirm.refused !== undefined) this.#laneRefused(part, confirm.refused);
    else if (confirm.confirmedTo < part.to) this.#retryLater(part);
  }

  #laneRefused(part: SentPart, { number, error }: { number: number; error: HubErrorBody }): void {
    if (error.code === "PRODUCER_FENCED") {
      this.#fence(error);
    } else if (error.code === "SEQUENCE_REUSED") {
      void this.#oldCopy(error.message);
    } else if (error.retry === "never") {
      void this.#refuseForGood(part, number, error);
    } else {
      // The hub misses an earlier number: ask it how far it is before anything is sent again.
      if (error.code === "SEQUENCE_GAP") part.flow.standing = "unknown";
      this.#retryLater(part);
    }
  }

  #frameRefused(link: Link, parts: readonly SentPart[], error: HubErrorBody): void {
    const events = parts.reduce((sum, { header }) => sum + header.count, 0);
    const [part] = parts;
    if (error.code === "PRODUCER_FENCED") {
      this.#fence(error);
    } else if (error.code === "INVALID_MESSAGE" && events === 1 && part !== undefined) {
      void this.#refuseForGood(part, part.to, error);
    } else {
      if (error.code === "HELLO_MISSING") this.#greetLater(link);
      if (error.code === "INVALID_MESSAGE") this.#batchEvents = Math.max(1, Math.floor(Math.min(this.#batchEvents, events) / 2));
      else if (error.retry === "never") this.#options.announcer.announce("error", new PeerError(error));
      for (const sent of parts) this.#retryLater(sent);
    }
  }

  /** The lane starts from `confirmedTo` anew, after a while. */
  #retryLater({ flow, round }: SentPart): void {
    if (round !== flow.round) return;
    flow.rewind();
    flow.held = true;
    this.#sendable.delete(flow);
    const wait = backoffMs(flow.failures, 100, 10_000);
    flow.failures += 1;
    setTimeout(() => this.#release(flow), wait);
  }

  #release(flow: Flow): void {
    flow.held = false;
    if (this.#flows.get(flow.lane.queue) !== flow) return; // A new producer has flows of its own.
    this.#wake(flow);
    this.#flushSoon();
  }

  async #refuseForGood(part: SentPart, number: number, error: HubErrorBody): Promise<void> {
    const { flow } = part;
    const entry = flow.lane.at(number);
    if (entry === undefined || entry.body === null) {
      this.#options.announcer.announce("error", new PeerError(error));
      return this.#retryLater(part);
    }
    flow.rewind();
    flow.held = true;
    this.#sendable.delete(flow);
    try {
      const refused = await this.#outbox.refuse(flow.lane.queue, number, error);
      entry.waiter?.reject(new PeerError(error));
      entry.waiter = null;
      if (refused !== null) this.#options.announcer.announce("refused", refused);
      this.#release(flow);
    } catch (failure) {
      this.#options.announcer.announce("error", asError(failure));
      setTimeout(() => this.#release(flow), backoffMs(flow.failures++, 100, 10_000));
    }
  }

  #greet(link: Link): void {
    this.#state = "greeting";
    const { producer, incarnation } = this.#ledger;
    link.request("hello", { producer, incarnation }).then(
      ({ storageId }) => this.#compare(link, [...this.#flows.values()], storageId),
      (error: HubError) => {
        if (error.code === "PRODUCER_FENCED") this.#fence(error.toBody());
        else this.#greetFailed(link, error);
      },
    );
  }

  #greetFailed(link: Link, error: HubError): void {
    if (link !== this.#link || !link.alive) return;
    if (error.retry === "never") this.#options.announcer.announce("error", error);
    this.#greetLater(link);
  }

  #greetLater(link: Link): void {
    this.#state = "greeting";
    setTimeout(
      () => {
        if (link === this.#link && link.alive && this.#state === "greeting") this.#greet(link);
      },
      backoffMs(this.#failures++, 100, 10_000),
    );
  }

  /** Asks the hub how far these lanes are; they are sent only when hub and outbox agree. */
  async #compare(link: Link, flows: readonly Flow[], storageId: string): Promise<void> {
    const asked: Asked[] = [];
    for (const flow of flows) {
      flow.standing = "asked";
      this.#sendable.delete(flow);
    }
    try {
      for (let from = 0; from < flows.length; from += LANES_PER_REQUEST) {
        const some = flows.slice(from, from + LANES_PER_REQUEST);
        const tried = some.map(({ triedTo }) => triedTo);
        const { confirmedTo } = await link.request("lanes", { queues: some.map(({ lane }) => lane.queue) });
        asked.push(...some.map(({ lane }, i) => ({ lane, triedTo: tried[i] ?? 0, hubHas: confirmedTo[i] ?? 0 })));
      }
    } catch (error) {
      for (const flow of flows) flow.standing = "unknown";
      return this.#greetFailed(link, error instanceof HubError ? error : new HubError("INTERNAL", asError(error).message));
    }
    if (link !== this.#link || !link.alive || this.#state === "stopped" || this.#state === "renewing") return;
    const standing = standingOf(asked, this.#ledger.storageId !== null && this.#ledger.storageId !== storageId);
    if (standing.kind === "old-copy") {
      const { queue, hubHas, triedTo } = standing;
      return this.#oldCopy(`The hub has number ${hubHas} of ${queue}, and this outbox never went beyond ${triedTo}: it is an old copy.`);
    }
    if (standing.kind === "lost") return this.#hubLost(asked, standing.lanes, storageId);
    if (this.#ledger.storageId === null) this.#outbox.remember(storageId);
    for (const flow of flows) {
      flow.standing = "known";
      this.#wake(flow);
    }
    this.#failures = 0;
    this.#state = "open";
    this.#flushSoon();
  }

  async #hubLost(
    asked: readonly Asked[],
    lanes: { queue: string; hubHas: number; confirmedTo: number }[],
    storageId: string,
  ): Promise<void> {
    // What the backup still knows of this outbox is stored: it need not be sent again.
    for (const { lane, hubHas } of asked) {
      const stored = this.#outbox.confirm(lane.queue, hubHas);
      settleConfirmed(stored, { queue: lane.queue, confirmedTo: hubHas, stored: [], duplicates: [] });
    }
    this.#options.confirmed();
    this.#options.announcer.announce("hub-lost", { storageId, lanes });
    await this.#renew(storageId, "the hub was restored from a backup");
  }

  async #oldCopy(message: string): Promise<void> {
    if (this.#state === "stopped" || this.#state === "renewing") return;
    this.#options.announcer.announce("outbox", { kind: "old-copy", message: `${message} It goes on under a new producer id.` });
    await this.#renew(this.#ledger.storageId, "the outbox goes on under a new producer id");
  }

  /** A new producer starts on a new connection: nothing of the old one is under way there. */
  async #renew(storageId: string | null, why: string): Promise<void> {
    this.#state = "renewing";
    this.#sendable.clear();
    const renewed = this.#outbox.newProducer(storageId);
    const flows = [...this.#ledger.lanes.values()].map((lane) => new Flow(lane, 0));
    const durableTo = flows.map(({ lane }) => lane.assignedTo);
    this.#flows = new Map(flows.map((flow) => [flow.lane.queue, flow]));
    try {
      await renewed;
    } catch (error) {
      this.#options.announcer.announce("error", asError(error));
      setTimeout(() => void this.#renew(storageId, why), backoffMs(this.#failures++, 100, 10_000));
      return;
    }
    flows.forEach((flow, i) => {
      flow.durableTo = Math.max(flow.durableTo, durableTo[i] ?? 0);
    });
    this.#state = "idle";
    this.#link?.drop(why);
  }

  #fence(body: HubErrorBody): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    const error = new PeerError(body);
    this.#options.announcer.announce("outbox", {
      kind: "fenced",
      message: `${error.message} Publishing has stopped; what is in the outbox stays there.`,
    });
    this.#options.fenced(error);
  }
}
