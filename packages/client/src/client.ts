import { type EventType, eventTypes, HubError, type Person, type Typing, type Who, type Word } from "@waybill/events";
import { askUntil } from "./ask-until.ts";
import { Connection } from "./connection.ts";
import { Consumer } from "./consumer.ts";
import { deferred } from "./deferred.ts";
import { deliveryStream } from "./delivery-stream.ts";
import { HandlerTable } from "./handler-table.ts";
import { Announcer, asError } from "./listeners.ts";
import { Live } from "./live.ts";
import { memoryOutbox } from "./memory-outbox.ts";
import type { Outbox } from "./outbox.ts";
import { EventPublisher } from "./publisher.ts";
import { Receipts } from "./receipts.ts";
import type {
  Client,
  ClientEvents,
  ClientOptions,
  ClientStatus,
  Delivery,
  Handler,
  Listener,
  NewEvent,
  OutboxView,
  Processed,
  ProcessedOptions,
  Published,
  Publisher,
  PublishOptions,
  Receipt,
  RefusedEvent,
  SubscribeOptions,
  Subscriber,
  Talker,
  Vendor,
} from "./types.ts";
import { untilProcessed } from "./until-processed.ts";

/** `outbox`: default in memory, which is lost with the process. */
export type CreateOptions = ClientOptions & { outbox?: Outbox };

/** What drivers and vendors share. Joins the parts; decides nothing that one of them could. */
export class WaybillClient implements Client, Publisher, Subscriber, Talker {
  protected readonly announcer = new Announcer();
  protected readonly connection: Connection;
  protected readonly consumer: Consumer;
  readonly #publisher: EventPublisher;
  readonly #receipts: Receipts;
  readonly #live: Live;
  readonly #handlers = new HandlerTable();
  readonly #ready = deferred();
  #closing: Promise<void> | null = null;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => void this.close({ drainMs: 0 });

  constructor(options: CreateOptions & { namespace: "/driver" | "/vendor" }) {
    const { announcer } = this;
    const consumer = new Consumer(announcer);
    const publisher = new EventPublisher(options.outbox ?? memoryOutbox(), announcer);
    this.consumer = consumer;
    this.#publisher = publisher;
    const receipts = new Receipts(() => publisher.identity);
    this.#receipts = receipts;
    this.#ready.promise.catch(() => {}); // Who does not ask whether it is ready is not told by a crash.
    this.connection = new Connection(options, {
      up: (link) => {
        publisher.up(link);
        consumer.up(link);
        receipts.up(link);
        this.#ready.resolve();
      },
      down: () => {
        publisher.down();
        consumer.down();
        receipts.down();
      },
      finish: () => consumer.finish(),
      status: (status, why) => announcer.announce("status", status, why),
      refusedForGood: (error) => this.#end(error),
      deliver: (name, frame) => consumer.deliver(name, frame),
      lost: (lost) => consumer.lost(lost),
      reset: (reset) => consumer.reset(reset),
      gap: (gap) => consumer.gap(gap),
      live: (name, ...told) => announcer.announce(name, ...told),
      error: (error) => announcer.announce("error", error),
    });
    this.#live = new Live(this.connection, announcer);
    this.#signal = options.signal;
    publisher.open().then(
      () => this.#closing === null && this.connection.open(),
      (error: Error) => this.#end(error),
    );
    if (options.signal?.aborted) this.#abort();
    else options.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get status(): ClientStatus {
    return this.connection.status;
  }

  get outbox(): OutboxView {
    return this.#publisher.view;
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  listen<K extends keyof ClientEvents>(name: K, listener: Listener<K>): () => void {
    return this.announcer.listen(name, listener);
  }

  publish(event: NewEvent, options?: PublishOptions): Promise<Published>;
  publish(event: NewEvent, options: ProcessedOptions): Promise<Processed>;
  publish(event: NewEvent, options?: PublishOptions | ProcessedOptions): Promise<Processed> {
    return options?.wait === "processed" ? this.#publishProcessed(event, options) : this.#publisher.publish(event, options);
  }

  async #publishProcessed(event: NewEvent, options: ProcessedOptions): Promise<Processed> {
    const startMs = performance.now();
    const published = await this.#publisher.publish(event, { ...options, wait: "stored" });
    if (published.outcome === "outbox") return published;
    const { withinMs, ...rest } = options;
    const leftMs = withinMs === undefined ? {} : { withinMs: withinMs - (performance.now() - startMs) };
    return untilProcessed(this.#receipts, published, { ...rest, ...leftMs });
  }

  async receipts(queue: string, offsets: readonly number[]): Promise<readonly Receipt[]> {
    return askUntil(this.connection, (link) => this.#receipts.ask(link, queue, offsets));
  }

  async receipt({ queue, offset }: { queue: string; offset: number }): Promise<Receipt> {
    const [receipt] = await this.receipts(queue, [offset]);
    if (receipt === undefined) throw new HubError("INVALID_MESSAGE", "The hub answered `receipts` without the offset that was asked for.");
    return receipt;
  }

  who(about: Who = {}): Promise<{ people: readonly Person[]; more: boolean }> {
    return this.#live.who(about);
  }

  word(word: Word): Promise<"heard" | "sent"> {
    return this.#live.word(word);
  }

  typing(typing: Typing): void {
    this.#live.typing(typing);
  }

  takeRefused(): Promise<readonly RefusedEvent[]> {
    return this.#publisher.takeRefused();
  }

  on<T extends EventType>(type: T, handler: Handler<T>): this {
    this.#handlers.on(type, handler);
    return this;
  }

  onOther(handler: Handler): this {
    this.#handlers.onOther(handler);
    return this;
  }

  async start(options: SubscribeOptions = {}): Promise<void> {
    const missing = this.#handlers.missing(options.types ?? eventTypes);
    if (missing.length > 0)
      throw new HubError(
        "UNKNOWN_TYPE",
        `No handler for ${missing.join(", ")}: add \`on\` for each, or \`onOther\`, or subscribe to fewer \`types\`.`,
      );
    await this.consumer.subscribe({ queues: options.queues, options, isPool: false }, this.#handlers.intake(options.concurrency));
  }

  deliveries(options: SubscribeOptions = {}): AsyncIterable<Delivery> {
    return deliveryStream(this.consumer, options);
  }

  close({ drainMs = 5_000 }: { drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0 && this.status !== "closed") {
      const drained = Promise.all([this.consumer.stopAll(), this.#publisher.drained()]);
      const late = deferred();
      const timer = setTimeout(late.resolve, drainMs);
      await Promise.race([drained, late.promise]);
      clearTimeout(timer);
    }
    await this.#shut(
      new HubError("CLOSED", "The client was closed by its own program. What a file outbox holds is sent when it is opened again."),
    );
  }

  /** Refused for good, or the outbox cannot be used. */
  #end(error: Error): void {
    this.announcer.announce("error", error);
    this.#closing ??= this.#shut(error);
  }

  async #shut(why: Error): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ready.reject(why);
    this.#publisher.end(why);
    this.#receipts.end(why);
    this.connection.close(why.message);
    this.consumer.end(why);
    try {
      await this.#publisher.close();
    } catch (error) {
      this.announcer.announce("error", asError(error));
    }
  }
}

/** A store's side: takes its parcels' events, asks for pickups. Connects at once. */
export function createVendor(options: CreateOptions): Vendor {
  return new WaybillClient({ ...options, namespace: "/vendor" });
}
