import { HubError } from "@waybill/events";
import type { EventEntry } from "./event-entry.ts";
import type { Entry, Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import { type Announcer, asError } from "./listeners.ts";
import { newEntry } from "./new-entry.ts";
import type { Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import type { NewEvent, OutboxView, Published, PublishOptions, RefusedEvent } from "./types.ts";

/** From the program into the outbox, and back to the program what became of it. Sending is the sender's. */
export class EventPublisher {
  readonly #outbox: Outbox;
  readonly #announcer: Announcer;
  #ledger: Ledger | null = null;
  #sender: Sender | null = null;
  #link: Link | null = null;
  /** Published in this turn; put into the outbox together. */
  #incoming: EventEntry[] = [];
  #putting = false;
  /** Events that are on their way to disk. */
  #writing = 0;
  #ended: Error | null = null;
  #drained: (() => void)[] = [];
  #opening: Promise<void> | null = null;

  constructor(outbox: Outbox, announcer: Announcer) {
    this.#outbox = outbox;
    this.#announcer = announcer;
  }

  /** Rejects with OUTBOX_HELD or OUTBOX_DAMAGED. What an earlier process left goes out at the next connection. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    const ledger = await this.#outbox.open();
    this.#ledger = ledger;
    this.#sender = new Sender({
      outbox: this.#outbox,
      ledger,
      announcer: this.#announcer,
      confirmed: () => this.#tellDrained(),
      fenced: (error) => this.end(error),
    });
    if (this.#link !== null) this.#sender.up(this.#link);
    this.#putSoon();
  }

  up(link: Link): void {
    this.#link = link;
    this.#sender?.up(link);
  }

  down(): void {
    this.#link = null;
    this.#sender?.down();
  }

  publish(event: NewEvent, options: PublishOptions = {}): Promise<Published> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) throw this.#ended;
      if (options.signal?.aborted) throw cancelled(options.signal);
      const entry = newEntry(event, this.#link?.welcome.limits.eventBytesMax);
      if (this.#held >= this.#outbox.eventsMax) {
        throw new HubError(
          "OUTBOX_FULL",
          `The outbox holds ${this.#held} events that the hub has not confirmed, and may hold no more. Try again later.`,
        );
      }
      entry.waiter = { resolve, reject };
      if (options.wait === "outbox" || options.withinMs !== undefined || options.signal !== undefined) limitWaiting(entry, options);
      this.#incoming.push(entry);
      this.#putSoon();
    });
  }

  /** Who its events' publisher is. */
  get identity(): { producer: string; incarnation: number } {
    if (this.#ledger === null) throw new Error("The outbox is opened before the first connection.");
    const { producer, incarnation } = this.#ledger;
    return { producer, incarnation };
  }

  get view(): OutboxView {
    const ledger = this.#ledger;
    const oldest = ledger?.oldest ?? this.#incoming[0]?.event.at ?? null;
    return { pending: (ledger?.pending ?? 0) + this.#incoming.length, oldest, refused: ledger === null ? [] : [...ledger.refused] };
  }

  async takeRefused(): Promise<readonly RefusedEvent[]> {
    await this.#opening;
    return this.#outbox.takeRefused();
  }

  /** Resolves when the hub has confirmed all that was published. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#tellDrained();
    });
  }

  /** Nothing is sent any more; who still waits is told why. Events stay in the outbox. */
  end(why: Error): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#sender?.stop();
    for (const entry of this.#takeIncoming()) reject(entry, why);
    for (const lane of this.#ledger?.lanes.values() ?? []) for (const entry of lane.entries()) reject(entry, why);
    this.#tellDrained();
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {}); // Who opened it was told.
    await this.#outbox.close();
  }

  get #held(): number {
    return (this.#ledger?.pending ?? 0) + this.#incoming.length;
  }

  #tellDrained(): void {
    const isEmpty = this.#incoming.length === 0 && this.#writing === 0 && this.#ledger?.pending === 0;
    if (!isEmpty && this.#ended === null) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #putSoon(): void {
    if (this.#putting || this.#ledger === null || this.#incoming.length === 0) return;
    this.#putting = true;
    queueMicrotask(() => {
      this.#putting = false;
      this.#put(this.#takeIncoming());
    });
  }

  #takeIncoming(): EventEntry[] {
    const entries = this.#incoming;
    this.#incoming = [];
    return entries;
  }

  #put(entries: readonly EventEntry[]): void {
    if (this.#ended !== null) return;
    const written = this.#outbox.put(entries);
    if (written === undefined) {
      this.#durable(entries);
      return;
    }
    this.#writing += entries.length;
    written.then(
      () => {
        this.#writing -= entries.length;
        this.#durable(entries);
      },
      (error: unknown) => {
        this.#writing -= entries.length;
        for (const entry of entries) reject(entry, asError(error));
        this.#tellDrained();
      },
    );
  }

  #durable(entries: readonly EventEntry[]): void {
    for (const { waiter } of entries) waiter?.durable?.();
    this.#sender?.durable(entries);
  }
}

function reject(entry: Entry, why: Error): void {
  entry.waiter?.reject(why);
  entry.waiter = null;
}

function cancelled(signal: AbortSignal): HubError {
  return new HubError("CANCELLED", "The caller's signal fired. An event that was in the outbox by then is still sent.", {
    cause: signal.reason,
  });
}

/** In place of the entry's waiter comes one that may stop waiting before the hub has confirmed. */
function limitWaiting(entry: EventEntry, { wait, withinMs, signal }: PublishOptions): void {
  const { waiter, id, queue } = entry;
  let isDurable = false;
  let isLate = wait === "outbox";
  const tellOutbox = (): void => {
    if (!isDurable || !isLate) return;
    entry.waiter?.resolve({ outcome: "outbox", id, queue });
    entry.waiter = null;
  };
  const late = (): void => {
    isLate = true;
    tellOutbox();
  };
  const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs);
  const abort = (): void => {
    if (signal !== undefined) reject(entry, cancelled(signal));
  };
  signal?.addEventListener("abort", abort, { once: true });
  const done = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
  entry.waiter = {
    resolve: (published) => {
      done();
      waiter?.resolve(published);
    },
    reject: (error) => {
      done();
      waiter?.reject(error);
    },
    durable: () => {
      isDurable = true;
      tellOutbox();
    },
  };
}
