/**
 * Two consumers of one store in one process, to catch a stale owner's word being taken. Now and then one of them sits on an
 * event without a word until its lease is over and the other one has it; then it acks, without having applied anything:
 *
 *   held by A ── A's lease ends ──► offered to B ── B extends, A acks, both are known to have arrived ──► B nacks
 *
 * B surely held the event when A's ack arrived: its connection lived throughout, and its lease was younger than that. So A's
 * ack must count for nothing, and the event must come once more. If it does not, it was lost.
 */
import { type History, hash32, monotonicUs } from "@waybill/testkit";
import type { Frames, Offered } from "./bare-frames.ts";
import { openFrames } from "./bare-frames.ts";
import { type Effects, effectOf } from "./effects.ts";
import { fingerprint } from "./fingerprint.ts";
import type { ClientRecord } from "./records.ts";
import { loadSchema } from "./workload.ts";

type Consumer = { name: string; frames: Frames };
type Held = { by: Consumer; connection: string; offered: Offered };

export type StaleOwnerOptions = {
  url: string;
  seats: readonly { name: string; token: string; stores: readonly string[] }[];
  leaseMs: number;
  effects: Effects;
  history: History;
};

const SUBSCRIBE_AGAIN_MS = 500;
/** Each test holds a parcel up for a lease: all of them would hold the store up. */
const ONE_OF = 8;
const isOfOneParcel = (one: Offered, other: Offered): boolean => one.event.parcel === other.event.parcel;
const isBefore = (one: Offered, other: Offered): boolean => isOfOneParcel(one, other) && one.offset < other.offset;
const rangeOf = ({ token }: Offered): [number, number] => [token, token];

export function openStaleOwner({ url, seats, leaseMs, effects, history }: StaleOwnerOptions) {
  const write = (record: ClientRecord) => history.write(record);
  const lost = new Set<string>();
  const tested = new Set<string>();
  let held: Held | null = null;
  /** Its owners are being judged: nothing else of this parcel is touched. Later leases end with the first one's. */
  let judged: Offered | null = null;
  let isStopped = false;

  const isLost = ({ epoch, token }: Offered, { name }: Consumer): boolean => lost.has(`${name} ${epoch}.${token}`);

  function apply(consumer: Consumer, offered: Offered): void {
    const { event } = offered;
    const load = loadSchema.parse(event.data.extra);
    const place = { ...offered, id: event.id, parcel: event.parcel };
    effects.apply(event.store, effectOf(place, { load, print: fingerprint(event), vendor: consumer.name }));
    consumer.frames.settle({ sub: offered.sub, epoch: offered.epoch, acks: [rangeOf(offered)] });
  }

  function take(consumer: Consumer, offered: Offered): void {
    const { id } = offered.event;
    // A hub that lost the ack of an earlier one goes back to it. Left without a word, it would use up its attempts behind a test that is void.
    if (held && isBefore(offered, held.offered)) held = null;
    if (held && isBefore(held.offered, offered)) return;
    if (judged && isOfOneParcel(judged, offered) && !isBefore(offered, judged)) return;
    if (held?.offered.event.id === id) {
      const stale = held;
      held = null;
      const isOther = stale.by !== consumer && stale.connection === stale.by.frames.connection && stale.offered.epoch === offered.epoch;
      if (!isOther) {
        apply(consumer, offered);
        return;
      }
      judged = offered;
      const owner = { by: consumer, connection: consumer.frames.connection, offered };
      void judge(stale, owner).finally(() => {
        judged = null;
      });
      return;
    }
    if (!isStopped && held === null && judged === null && !tested.has(id) && hash32(id) % ONE_OF === 0) {
      tested.add(id);
      held = { by: consumer, connection: consumer.frames.connection, offered };
      return;
    }
    tested.add(id);
    apply(consumer, offered);
  }

  async function judge(stale: Held, owner: Held): Promise<void> {
    const { id } = owner.offered.event;
    const { sub, epoch } = owner.offered;
    const extendedAt = performance.now();
    owner.by.frames.settle({ sub, epoch, extends: [rangeOf(owner.offered)] });
    const isOwner = (await owner.by.frames.roundTrip()) && !isLost(owner.offered, owner.by);
    if (!isOwner) return apply(owner.by, owner.offered);
    write({ kind: "unclear", t: monotonicUs(), id });
    stale.by.frames.settle({ sub: stale.offered.sub, epoch: stale.offered.epoch, acks: [rangeOf(stale.offered)] });
    const hasArrived = await stale.by.frames.roundTrip();
    const stayed = (await owner.by.frames.roundTrip()) && owner.connection === owner.by.frames.connection;
    const isYoung = performance.now() - extendedAt < leaseMs * 0.8;
    if (!hasArrived || !stayed || !isYoung || stale.connection !== stale.by.frames.connection) return apply(owner.by, owner.offered);
    write({ kind: "fenced", t: monotonicUs(), id });
    write({ kind: "proved", t: monotonicUs(), invariant: "I12", what: "a stale owner acked" });
    owner.by.frames.settle({ sub, epoch, nacks: [{ token: owner.offered.token, reason: "the test of the stale owner" }] });
  }

  const consumers = seats.map(({ name, token, stores }) => {
    const frames = openFrames(url, { namespace: "/vendor", token });
    const consumer = { name, frames };
    const instance = `${name}-${process.pid}-${Date.now()}`;
    async function subscribe(): Promise<void> {
      const { connection } = frames;
      for (const store of stores) {
        const isSubscribed = await frames.subscribe(`store/${store}`, instance);
        if (isSubscribed || connection !== frames.connection) continue;
        setTimeout(() => void subscribe(), SUBSCRIBE_AGAIN_MS);
        return;
      }
    }
    frames.socket.on("connect", () => void subscribe());
    frames.socket.on("disconnect", () => {
      if (held?.by === consumer) held = null;
    });
    frames.onOffered((offered) => take(consumer, offered));
    frames.onLost((epoch, token) => lost.add(`${name} ${epoch}.${token}`));
    return consumer;
  });

  return {
    isConnected: () => consumers.every(({ frames }) => frames.socket.connected),
    isActive: () => consumers.every(({ frames }) => frames.socket.active),
    /** No more tests: what is left is to be drained. */
    stop: () => {
      isStopped = true;
    },
  };
}
