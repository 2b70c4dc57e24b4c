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
import type { Storage, SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Socket } from "socket.io";
import { wireOf } from "../auth/authenticate.ts";
import type { Identity } from "../auth/tokens.ts";
import type { Consumer } from "../dispatch/consumer.ts";
import { createFrameConsumer } from "../dispatch/frame-consumer.ts";
import { createFrameDesk } from "../dispatch/frame-desk.ts";
import { createPlainConsumer } from "../dispatch/plain-consumer.ts";
import type { Registry } from "../dispatch/registry.ts";
import type { Runner } from "../dispatch/runner.ts";
import { waitingBytesOf } from "../edge/outgoing.ts";
import type { HubConfig, Proof } from "../hub-parts.ts";
import type { KnownNames } from "../known-names.ts";
import { startOffset } from "../operate/start-offset.ts";
import { createFlow, noCredit } from "./flow.ts";
import { resume } from "./resume.ts";
import { ownQueue, subscribeRefusal } from "./rights.ts";

type Seat = { runner: Runner; consumer: Consumer; queue: Queue };

/** The subscriptions of one socket. They end with it. */
export type Subscriptions = {
  subscribe(request: Subscribe): Promise<SubscribeReply>;
  unsubscribe(sub: number): void;
  settle(settle: Settle): void;
  /** What is wrong with one of them keeps none of the others from counting. Throws the first error. */
  settleAll(settles: readonly Settle[]): void;
  /** Before an answer that must come behind all that was delivered. */
  flush(): void;
  credit(sub: number, credit: { events: number; bytes: number }): void;
  /** The connection is gone. */
  end(): void;
};

export function createSubscriptions(parts: {
  socket: Socket;
  identity: Identity;
  storage: Storage;
  registry: Registry;
  names: KnownNames;
  config: HubConfig;
  proof: Proof;
}): Subscriptions {
  const { socket, identity, storage, registry, names, config, proof } = parts;
  const seats = new Map<number, Seat>();
  let nextSub = 1;
  let hasEnded = false;

  const { epoch } = storage.info;
  const desk = wireOf(socket) >= 2 ? createFrameDesk({ socket, epoch }) : null;

  const hold = (isHeld: boolean) => {
    for (const { runner, consumer } of seats.values()) runner.credit(consumer, isHeld ? noCredit : consumer.credit);
  };
  const flow = createFlow(socket.conn, hold, () => waitingBytesOf(socket.conn) + (desk?.waitingBytes() ?? 0));

  /** Who reads a zone's pool is in the zone's room, for as long as it does. */
  const followZone = (queue: Queue): void => {
    const { kind, id } = queueParts(queue);
    if (kind !== "zone") return;
    const room = roomOf(identity.tenant, "zone", id);
    const reads = [...seats.values()].some((seat) => seat.queue === queue);
    void (reads ? socket.join(room) : socket.leave(room));
  };

  const seatOf = (sub: number): Seat => {
    const seat = seats.get(sub);
    if (!seat) throw new HubError("UNKNOWN_SUBSCRIPTION", `This connection has no subscription ${sub}; subscribe first.`);
    return seat;
  };

  const makeGroup = async (key: SubscriptionKey, { from, types, order = "key" }: Subscribe): Promise<SubscriptionRow> => {
    if (from === undefined) {
      throw new HubError(
        "UNKNOWN_GROUP",
        `${key.queue} has no group "${key.group}"; give \`from\` ("start", "end", an offset or a time) to make it.`,
      );
    }
    const { head, firstKept } = await storage.read(key.tenant, key.queue, 1, { eventsMax: 0, bytesMax: 0 });
    const offset = await startOffset(storage, key, { start: from, head, firstKept });
    return storage.createSubscription(key, { start: { offset }, types: types ?? null, policy: "block", order });
  };

  /** The group, made where the request asks for it, agrees with the request; its durable types are changed where they differ. */
  const prepare = async (key: SubscriptionKey, request: Subscribe): Promise<SubscriptionRow> => {
    const { types, order } = request;
    const row = (await storage.subscription(key)) ?? (await makeGroup(key, request));
    if (order && order !== row.order) {
      throw new HubError(
        "GROUP_DIFFERS",
        `${key.queue} ${key.group} was made with order "${row.order}", and "${order}" is asked for. Make another group.`,
      );
    }
    if (types && JSON.stringify([...types].sort()) !== JSON.stringify([...(row.types ?? [])].sort())) {
      await registry.renew(key);
      await storage.setTypes(key, types);
    }
    return row;
  };

  const check = async (request: Subscribe): Promise<SubscriptionKey> => {
    if (seats.size >= limits.subscriptionsPerSocketMax) {
      throw new HubError(
        "TOO_MANY_SUBSCRIPTIONS",
        `This connection has ${seats.size} subscriptions; ${limits.subscriptionsPerSocketMax} are allowed.`,
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
  };

  const settle = ({ sub, ...what }: Settle): void => {
    const { runner, consumer } = seatOf(sub);
    runner.settle(consumer, what);
  };

  return {
    async subscribe(request) {
      const key = await check(request);
      const { firstKept } = await prepare(key, request);
      const runner = registry.obtain(key);
      await runner.opened();
      const resumed = request.resume && (await resume({ storage, proof, by: identity.subject }, runner, request.resume));
      const row = await runner.opened();
      if (hasEnded) throw new HubError("CLOSED", "The connection is gone.");
      const sub = nextSub++;
      const leaseMs = orderOf(key.queue) === "none" ? config.offerMs : config.leaseMs;
      const common = {
        socket,
        epoch,
        instance: request.instance ?? `socket-${socket.id}`,
        by: `${identity.role} ${identity.subject}`,
      };
      const sender = request.credit
        ? createFrameConsumer({ ...common, desk, sub, credit: request.credit })
        : createPlainConsumer({ ...common, queue: key.queue, leaseMs, onSettle: (settle) => runner.settle(consumer, settle) });
      const consumer = flow.watched(sender);
      seats.set(sub, { runner, consumer, queue: key.queue });
      followZone(key.queue);
      // The reply is written first: a delivery must never arrive for a subscription that its client does not know yet.
      setImmediate(() => {
        if (!seats.has(sub)) return;
        runner.join(consumer);
        if (flow.isHeld()) runner.credit(consumer, noCredit);
      });
      // The first of them; all are told when it joins, and can be confirmed from then on [G7].
      const [gap] = registry.gaps({ ...row, firstKept });
      if (gap) runner.trimmed(firstKept);
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
    },
    unsubscribe(sub) {
      const { runner, consumer, queue } = seatOf(sub);
      seats.delete(sub);
      followZone(queue);
      runner.leave(consumer, "withdraw");
    },
    settle,
    settleAll(settles) {
      const unknown = settles.find(({ sub }) => !seats.has(sub));
      for (const one of settles) if (seats.has(one.sub)) settle(one);
      if (unknown) seatOf(unknown.sub);
    },
    flush: () => desk?.flush(),
    credit(sub, credit) {
      const { runner, consumer } = seatOf(sub);
      consumer.credit = credit;
      if (!flow.isHeld()) runner.credit(consumer, credit);
    },
    end() {
      hasEnded = true;
      for (const { runner, consumer } of seats.values()) runner.leave(consumer, "disconnect");
      seats.clear();
    },
  };
}
