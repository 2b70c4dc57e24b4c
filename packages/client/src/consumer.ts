import {
  type DeliverPart,
  deliverHeaderSchema,
  deliversHeaderSchema,
  type Gap,
  HubError,
  isDeliverHeader,
  isDeliversHeader,
  type Lost,
  MAIN_GROUP,
  queueOf,
  type Reset,
  readFrame,
  type Subscribe,
} from "@waybill/events";
import { Intake, type IntakeOptions } from "./intake.ts";
import type { FrameName, Link } from "./link.ts";
import type { Announcer } from "./listeners.ts";
import { eventsOf } from "./offered-rows.ts";
import { randomId } from "./random-id.ts";
import { Seat } from "./seat.ts";
import type { SubscribeOptions } from "./types.ts";

export type SeatRequest = { queues: readonly string[] | undefined; options: SubscribeOptions; isPool: boolean };

/** All seats of one client: routes what comes over its connection to them, and takes them again over the next one. */
export class Consumer {
  readonly #announcer: Announcer;
  /** Random per process and client: one that comes back with it was not interrupted. */
  readonly #instance = randomId();
  readonly #intakes = new Set<Intake>();
  readonly #bySub = new Map<number, Seat>();
  #link: Link | null = null;
  #waitingForLink: (() => void)[] = [];
  #extending: { timer: ReturnType<typeof setInterval>; everyMs: number } | null = null;
  #ended: Error | null = null;

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  up(link: Link): void {
    this.#link = link;
    this.#bySub.clear();
    for (const intake of this.#intakes) for (const seat of intake.seats) seat.up(link);
    for (const resolve of this.#waitingForLink.splice(0)) resolve();
  }

  down(): void {
    this.#link = null;
    this.#bySub.clear();
    for (const intake of this.#intakes) for (const seat of intake.seats) seat.down();
  }

  deliver(name: FrameName, frame: Uint8Array): void {
    const { header, lines, isPlain } = readFrame(frame);
    const { epoch, parts } = readHeader(name, header);
    const intakes: Intake[] = [];
    let from = 0;
    for (const part of parts) {
      const seat = this.#bySub.get(part.sub);
      seat?.receive(epoch, part, { lines, from, isPlain });
      if (seat && !intakes.includes(seat.intake)) intakes.push(seat.intake);
      from += eventsOf(part.events);
    }
    // A handler may crash: that it starts must have left by then. Behind the first of several frames that came at once it would wait.
    for (const intake of intakes) {
      if (this.#link?.isClear) intake.pump();
      else intake.pumpSoon();
    }
  }

  lost(lost: Lost): void {
    this.#bySub.get(lost.sub)?.lost(lost);
  }

  reset({ sub, generation }: Reset): void {
    this.#bySub.get(sub)?.reset(generation);
  }

  gap(gap: Gap): void {
    this.#bySub.get(gap.sub)?.gap(gap);
  }

  /** Resolves when every queue is subscribed; rejects, and gives all of them up, when one is refused for good. */
  async subscribe({ queues, options, isPool }: SeatRequest, how: IntakeOptions): Promise<Intake> {
    const intake = new Intake(how);
    this.#intakes.add(intake);
    try {
      const link = await this.#connected();
      const names = queues ?? ownQueues(link);
      intake.seats.push(...names.map((queue) => this.#seat(link, { queue, options, isPool, intake })));
      await Promise.all(intake.seats.map((seat) => seat.take(this.#link)));
    } catch (error) {
      await this.stop(intake);
      throw error;
    }
    return intake;
  }

  /** Handlers that run finish and are settled; the rest goes back to the hub. */
  async stop(intake: Intake): Promise<void> {
    await intake.stop();
    await Promise.allSettled(intake.seats.map((seat) => seat.leave()));
    this.#intakes.delete(intake);
  }

  /** As `stop` for all of them, but only over this connection: they go on over the next one. */
  async finish(): Promise<void> {
    const link = this.#link;
    if (this.#intakes.size === 0 || link === null) return;
    await Promise.all([...this.#intakes].map((intake) => intake.finish()));
    // A server drops what arrives together with the end of its connection: the last acks are read before that.
    await link.request("sync", {}).catch(() => {});
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#intakes].map((intake) => this.stop(intake)));
  }

  end(why: Error): void {
    this.#ended = why;
    clearInterval(this.#extending?.timer);
    this.#extending = null;
    for (const resolve of this.#waitingForLink.splice(0)) resolve();
    for (const intake of this.#intakes) {
      intake.close();
      for (const seat of intake.seats) seat.end(why);
    }
  }

  #seat(
    link: Link,
    { queue, options, isPool, intake }: { queue: string; options: SubscribeOptions; isPool: boolean; intake: Intake },
  ): Seat {
    const { creditEventsMax, creditBytesMax } = link.welcome.limits;
    const { events = Number.MAX_SAFE_INTEGER, bytes = Number.MAX_SAFE_INTEGER } = options.credit ?? {};
    const subscribe: Omit<Subscribe, "queue" | "group"> = {
      instance: this.#instance,
      credit: { events: Math.min(events, creditEventsMax), bytes: Math.min(bytes, creditBytesMax) },
    };
    if (options.types !== undefined) subscribe.types = [...options.types];
    if (options.from !== undefined) subscribe.from = options.from;
    if (options.order !== undefined) subscribe.order = options.order;
    const { resume = null } = options;
    const seated = (sub: number, seat: Seat): void => {
      this.#bySub.set(sub, seat);
      this.#extendWithin(seat.leaseMs);
    };
    const common = { queue, group: options.group ?? MAIN_GROUP, subscribe, intake };
    return new Seat({ ...common, resume, announcer: this.#announcer, isPool, seated });
  }

  /** Leases are extended at a third of their time: two messages may come late. */
  #extendWithin(leaseMs: number): void {
    const everyMs = Math.max(1, Math.floor(leaseMs / 3));
    if (this.#extending !== null && this.#extending.everyMs <= everyMs) return;
    clearInterval(this.#extending?.timer);
    const timer = setInterval(() => {
      for (const intake of this.#intakes) for (const seat of intake.seats) seat.extend();
      this.#link?.flush();
    }, everyMs);
    this.#extending = { timer, everyMs };
  }

  async #connected(): Promise<Link> {
    for (;;) {
      if (this.#ended !== null) throw this.#ended;
      if (this.#link !== null) return this.#link;
      await new Promise<void>((resolve) => this.#waitingForLink.push(resolve));
    }
  }
}

function readHeader(name: FrameName, header: unknown): { epoch: number; parts: readonly DeliverPart[] } {
  if (name === "delivers" && isDeliversHeader(header)) return header;
  if (name === "deliver" && isDeliverHeader(header)) return { epoch: header.epoch, parts: [header] };
  // The schema says in which way.
  const { error: cause } = (name === "deliver" ? deliverHeaderSchema : deliversHeaderSchema).safeParse(header);
  throw new HubError("INVALID_MESSAGE", `The hub's \`${name}\` has a header that breaks the contract.`, { cause });
}

function ownQueues({ welcome: { you } }: Link): string[] {
  const queues = [
    ...you.stores.filter((store) => store !== "*").map((store) => queueOf("store", store)),
    ...(you.driver === undefined ? [] : [queueOf("driver", you.driver)]),
  ];
  if (queues.length > 0) return queues;
  throw new HubError("FORBIDDEN", "The token names no store (or every one) and no driver: say in `queues` which queues to subscribe to.");
}
