/**
 * A desk is one seat in a subscription for all old clients of one kind: a store's, or the drivers. What it is offered goes to all of
 * them, as their own servers sent to a room; the first receipt counts. To the engine it is a plain consumer: one event per parcel
 * and 32 in all, a lease on each, and nothing is settled before its receipt. States of its seat:
 *
 *   shut      nobody is there.                                     → opening, with the first client
 *   opening   the subscription is read.                            → open; → shut (all left); tries again where the storage fails
 *   open      it is offered what there is.                         → shut (the last client left); → opening (sent away by the hub)
 */
import { randomUUID } from "node:crypto";
import { limits } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { SubscriptionKey } from "@waybill/storage";
import type { Consumer, TokenRange } from "../dispatch/consumer.ts";
import type { Registry } from "../dispatch/registry.ts";
import type { Runner } from "../dispatch/runner.ts";
import type { Proof } from "../hub-parts.ts";
import type { CapsKind } from "./dialect.ts";
import { createKeptMessages, type Kept } from "./kept.ts";
import type { Receipt } from "./read-message.ts";

/** Between two tries to take the seat. */
const REOPEN_MS = 250;

/** One old client at a desk. */
export type Member = {
  send(kept: Kept): void;
  /** It does not read what it was sent; it is told when it has. */
  isHeld(): boolean;
};

/** An event as old clients are sent it. */
export type Composed = Omit<Kept, "token" | "state" | "sentTo">;

export type Desk = {
  readonly key: SubscriptionKey;
  join(member: Member): void;
  leave(member: Member): void;
  has(member: Member): boolean;
  /** Sends again what waits for its receipt: all of it (of a kind), or what this client was not sent yet. */
  sendKept(member: Member, which: { kind?: CapsKind } | "unsent"): void;
  find(receipt: Receipt): Kept | null;
  /** It was handled: never offered again. */
  settle(kept: Kept): void;
  /** Resolves when the seat is taken; `null`: nobody is there any more. */
  runner(): Promise<Runner | null>;
};

export function createDesk(parts: {
  key: SubscriptionKey;
  epoch: number;
  registry: Registry;
  proof: Proof;
  /** What clients are sent for an event; `null`: it is none of theirs, and goes back. */
  compose(item: DeliveryItem): Promise<Composed | null>;
}): Desk {
  const { key, epoch, registry, proof } = parts;
  const members = new Set<Member>();
  const kept = createKeptMessages();
  let seat: { runner: Runner; consumer: Consumer } | null = null;
  let opening: Promise<void> | null = null;

  const sendTo = (member: Member, message: Kept) => {
    if (member.isHeld()) return;
    message.sentTo.add(member);
    member.send(message);
  };

  const offer = async (token: number, item: DeliveryItem, consumer: Consumer) => {
    const composed = await parts.compose(item);
    if (seat?.consumer !== consumer) return;
    if (!composed) return seat.runner.settle(consumer, { epoch, withdraws: [[token, token]] });
    const hasLapsed = lost.some(([from, to]) => token >= from && token <= to);
    const message: Kept = { ...composed, token, state: hasLapsed ? "lapsed" : "held", sentTo: new WeakSet() };
    kept.add(message);
    if (!hasLapsed) for (const member of members) sendTo(member, message);
  };

  /** Leases that ended while their message was still made; the last few. */
  let lost: TokenRange[] = [];

  const createConsumer = (): Consumer => {
    const consumer: Consumer = {
      instance: `caps-${randomUUID()}`,
      by: "old clients",
      mode: "plain",
      credit: { events: limits.plainCreditEventsMax, bytes: limits.creditBytesMax },
      seat: 0,
      deliver(first, items) {
        for (const [index, item] of items.entries())
          offer(first + index, item, consumer).catch((error: unknown) =>
            proof.fault(`an event of ${key.queue} could not be shown to old clients`, error),
          );
      },
      lost(_epoch, tokens) {
        lost = [...lost, ...tokens].slice(-limits.plainCreditEventsMax);
        kept.lapse(tokens);
      },
      reset: () => kept.clear(),
      gap: (from, to) => proof.warn("history was trimmed before old clients had it", { queue: key.queue, from, to }),
      abandon: open,
    };
    return consumer;
  };

  const open = () => {
    if (members.size > 0) opening ??= takeSeat();
  };

  /** Until somebody sits there, or nobody wants to. */
  const takeSeat = async () => {
    const left = seat?.runner;
    seat = null;
    kept.clear();
    lost = [];
    while (members.size > 0 && seat === null) {
      const runner = registry.obtain(key);
      const isReady =
        runner !== left &&
        (await runner.opened().then(
          () => true,
          () => false,
        ));
      if (!isReady) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      else if (members.size > 0) {
        const consumer = createConsumer();
        seat = { runner, consumer };
        runner.join(consumer);
        if (runner.isOver()) seat = null;
      }
    }
    opening = null;
  };

  return {
    key,
    join(member) {
      members.add(member);
      if (!seat) open();
    },
    leave(member) {
      if (!members.delete(member) || members.size > 0 || !seat) return;
      seat.runner.leave(seat.consumer, "disconnect");
      seat = null;
      kept.clear();
    },
    has: (member) => members.has(member),
    sendKept(member, which) {
      for (const message of kept.held()) {
        const isMeant = which === "unsent" ? !message.sentTo.has(member) : which.kind === undefined || which.kind === message.message.event;
        if (isMeant) sendTo(member, message);
      }
    },
    find: (receipt) => kept.find(receipt),
    settle(message) {
      message.state = "done";
      seat?.runner.settle(seat.consumer, { epoch, acks: [[message.token, message.token]] });
    },
    async runner() {
      await opening;
      return seat?.runner ?? null;
    },
  };
}
