import {
  HubError,
  limits,
  MAIN_GROUP,
  orderOf,
  type Queue,
  queueParts,
  roomOf,
  type Settle,
  type Subscribe,
  type SubscribeReply,
} from "@waybill/events";
import type { SubscriptionKey } from "@waybill/storage";
import type { Socket } from "socket.io";
import { wireOf } from "../auth/authenticate.ts";
import type { Identity } from "../auth/tokens.ts";
import { Answers } from "../dispatch/answers.ts";
import type { Consumer, Peer } from "../dispatch/consumer.ts";
import { FrameConsumer } from "../dispatch/frame-consumer.ts";
import { createFrameDesk, type FrameDesk } from "../dispatch/frame-desk.ts";
import { PlainConsumer } from "../dispatch/plain-consumer.ts";
import type { Runner } from "../dispatch/runner.ts";
import { waitingBytesOf } from "../edge/outgoing.ts";
import { Flow, type Held, noCredit } from "./flow.ts";
import { prepareGroup } from "./prepare-group.ts";
import { resume } from "./resume.ts";
import { ownQueue, subscribeRefusal } from "./rights.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

type Seat = { runner: Runner; consumer: Consumer };

export type SubscriptionsParts = Pick<SessionParts, "storage" | "registry" | "names" | "config" | "proof">;

/** The subscriptions of one socket. They end with it. */
export class Subscriptions implements Peer, Held {
  readonly #parts: SubscriptionsParts;
  readonly socket: Socket;
  readonly #identity: Identity;
  readonly #flow: Flow;
  readonly #seats = new Map<number, Seat>();
  #desk: FrameDesk | null = null;
  #answers: Answers | null = null;
  #nextSub = 1;
  #hasEnded = false;

  constructor(parts: SubscriptionsParts, { socket, identity }: SessionStart) {
    this.#parts = parts;
    this.socket = socket;
    this.#identity = identity;
    this.#flow = new Flow(socket.conn, this);
  }

  get epoch(): number {
    return this.#parts.storage.info.epoch;
  }

  get by(): string {
    return `${this.#identity.role} ${this.#identity.subject}`;
  }

  get desk(): FrameDesk | null {
    if (this.#desk === null && wireOf(this.socket) >= 2) this.#desk = createFrameDesk(this);
    return this.#desk;
  }

  get answers(): Answers {
    this.#answers ??= new Answers(this.socket);
    return this.#answers;
  }

  delivered(): void {
    this.#flow.check();
  }

  waitingBytes(): number {
    return waitingBytesOf(this.socket.conn) + (this.#desk?.waitingBytes() ?? 0);
  }

  hold(isHeld: boolean): void {
    for (const { runner, consumer } of this.#seats.values()) runner.credit(consumer, isHeld ? noCredit : consumer.credit);
  }

  async subscribe(request: Subscribe): Promise<SubscribeReply> {
    const { registry, config } = this.#parts;
    const key = await this.#check(request);
    const { firstKept } = await prepareGroup(this.#parts, key, request);
    const runner = registry.obtain(key);
    await runner.opened();
    const resumed = request.resume && (await resume({ ...this.#parts, by: this.#identity.subject }, runner, request.resume));
    const row = await runner.opened();
    if (this.#hasEnded) throw new HubError("CLOSED", "The connection is gone.");
    const sub = this.#nextSub++;
    const leaseMs = orderOf(key.queue) === "none" ? config.offerMs : config.leaseMs;
    const { credit, instance = `socket-${this.socket.id}` } = request;
    this.#seat(
      sub,
      runner,
      credit ? new FrameConsumer(this, { sub, instance, credit }) : new PlainConsumer(this, { runner, instance, leaseMs }),
    );
    // The first of them; all are told when it joins, and can be confirmed from then on [G7].
    const [gap] = registry.gaps({ ...row, firstKept });
    if (gap) runner.tell({ type: "trimmed", firstKept });
    return {
      outcome: "subscribed",
      sub,
      queue: key.queue,
      group: key.group,
      generation: row.progress.generation,
      floor: registry.view(row).floor,
      leaseMs,
      order: orderOf(key.queue, row.order),
      ...(resumed ? { resumed } : {}),
      ...(gap ? { gap } : {}),
    };
  }

  unsubscribe(sub: number): void {
    const { runner, consumer } = this.#seatOf(sub);
    this.#seats.delete(sub);
    this.#followZone(runner.key.queue);
    runner.leave(consumer, "withdraw");
  }

  settle(settle: Settle): void {
    const { runner, consumer } = this.#seatOf(settle.sub);
    runner.settle(consumer, settle);
  }

  /** What is wrong with one of them keeps none of the others from counting. Throws the first error. */
  settleAll(settles: readonly Settle[]): void {
    let unknown = 0;
    for (const settle of settles) {
      const seat = this.#seats.get(settle.sub);
      if (seat) seat.runner.settle(seat.consumer, settle);
      else unknown ||= settle.sub;
    }
    if (unknown > 0) this.#seatOf(unknown);
  }

  /** Before an answer that must come behind all that was delivered. */
  flush(): void {
    this.#desk?.flush();
  }

  credit(sub: number, credit: { events: number; bytes: number }): void {
    const { runner, consumer } = this.#seatOf(sub);
    consumer.credit = credit;
    if (!this.#flow.isHeld) runner.credit(consumer, credit);
  }

  /** The connection is gone. */
  end(): void {
    this.#hasEnded = true;
    for (const { runner, consumer } of this.#seats.values()) runner.leave(consumer, "disconnect");
    this.#seats.clear();
    this.#answers?.end();
  }

  #seat(sub: number, runner: Runner, consumer: Consumer): void {
    this.#seats.set(sub, { runner, consumer });
    this.#followZone(runner.key.queue);
    // The reply is written first: a delivery must never arrive for a subscription that its client does not know yet.
    setImmediate(() => {
      if (!this.#seats.has(sub)) return;
      runner.join(consumer);
      if (this.#flow.isHeld) runner.credit(consumer, noCredit);
    });
  }

  #seatOf(sub: number): Seat {
    const seat = this.#seats.get(sub);
    if (!seat) throw new HubError("UNKNOWN_SUBSCRIPTION", `This connection has no subscription ${sub}; subscribe first.`);
    return seat;
  }

  /** Who reads a zone's pool is in the zone's room, for as long as it does. */
  #followZone(queue: Queue): void {
    const { kind, id } = queueParts(queue);
    if (kind !== "zone") return;
    const room = roomOf(this.#identity.tenant, "zone", id);
    const reads = [...this.#seats.values()].some(({ runner }) => runner.key.queue === queue);
    void (reads ? this.socket.join(room) : this.socket.leave(room));
  }

  async #check(request: Subscribe): Promise<SubscriptionKey> {
    const { names } = this.#parts;
    const identity = this.#identity;
    if (this.#seats.size >= limits.subscriptionsPerSocketMax) {
      throw new HubError(
        "TOO_MANY_SUBSCRIPTIONS",
        `This connection has ${this.#seats.size} subscriptions; ${limits.subscriptionsPerSocketMax} are allowed.`,
      );
    }
    const queue = request.queue ?? ownQueue(identity);
    if (!queue)
      throw new HubError("INVALID_MESSAGE", "This token is of several stores, or of none: name the `queue`, e.g. store/acme-widgets.");
    const refusal = subscribeRefusal(identity, queue);
    if (refusal) throw refusal;
    const { kind, id } = queueParts(queue);
    if ((await names.missing(identity.tenant, kind, [id])).size > 0) throw names.error(kind, id);
    const group = request.group ?? MAIN_GROUP;
    if (kind === "zone" && (group !== MAIN_GROUP || request.types || request.order || request.resume)) {
      throw new HubError("FORBIDDEN", "A zone's pool has one group, main, with all types and no order: each job goes to one driver.");
    }
    return { tenant: identity.tenant, queue, group };
  }
}
