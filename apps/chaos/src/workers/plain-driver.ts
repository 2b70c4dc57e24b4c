/**
 * A driver on the plain wire. Sends every event until it is answered; sends many up to four times again later, half of those on
 * another device of the same driver's, with the same id: the hub must know them. The same id with another body is never to be applied, and for another store it
 * must be refused. So must what a driver has no right to.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type PlainConfirm, plainConfirmSchema } from "@waybill/events";
import { type Chance, type History, monotonicUs } from "@waybill/testkit";
import { fingerprint } from "./fingerprint.ts";
import { ask, type Connect, type PlainSocket } from "./plain-socket.ts";
import type { ClientRecord } from "./records.ts";
import { createWorkload, type PlannedEvent } from "./workload.ts";

export type PlainDriverOptions = {
  connect: Connect;
  url: string;
  name: string;
  token: string;
  chance: Chance;
  life: number;
  rate: number;
  stores: readonly string[];
  hotStore: string;
  startedAtMs: number;
  history: History;
};

/** Events that wait for their answer: each of another store, so that the order of a parcel is kept. */
const ANSWER_MS = 3_000;
const AGAIN_SHARE = 0.3;
const AGAIN_MAX = 4;
const OTHER_SHARE = 0.05;
/** So many events later: soon, which every run sees, or late, yet well within what the hub remembers of a subject (1,024). */
const SOON = [1, 20] as const;
const LATE = [20, 300] as const;

export function openPlainDriver(options: PlainDriverOptions) {
  const { url, name, token, chance, history, stores } = options;
  const open = () =>
    options.connect(`${url}/driver`, { auth: { token }, forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 1_000 });
  const socket = open();
  const second = open();
  const write = (record: ClientRecord) => history.write(record);
  const workload = createWorkload({ ...options, producer: name, chance });
  const again = new Map<number, PlannedEvent[]>();
  let sent = 0;
  let confirmed = 0;
  let pending = 0;
  let isStopped = false;

  async function publish(event: PlannedEvent): Promise<void> {
    const { n } = event.data?.extra ?? {};
    write({
      kind: "intent",
      t: monotonicUs(),
      id: event.id,
      producer: name,
      parcel: event.parcel,
      store: event.store,
      n: Number(n),
      print: fingerprint(event),
    });
    pending++;
    for (;;) {
      const reply = await send(socket, event);
      if (reply && reply.outcome !== "refused") {
        write({ kind: "answer", t: monotonicUs(), id: event.id, outcome: reply.outcome, queue: reply.queue, offset: reply.offset });
        break;
      }
      if (reply?.error.retry === "never") {
        write({ kind: "refused", t: monotonicUs(), id: event.id, code: reply.error.code });
        break;
      }
      await sleep(chance.int(50, 200));
    }
    pending--;
    confirmed++;
    if (!chance.hit(AGAIN_SHARE)) return;
    for (let times = chance.int(1, AGAIN_MAX); times > 0; times--) {
      const [from, to] = chance.hit(0.5) ? SOON : LATE;
      const at = sent + chance.int(from, to);
      again.set(at, [...(again.get(at) ?? []), event]);
    }
  }

  /** One repeat, answered or not: what became of it, the stores will tell. */
  async function repeat(event: PlannedEvent): Promise<void> {
    if (!chance.hit(OTHER_SHARE)) {
      const reply = await send(chance.hit(0.5) ? socket : second, event);
      if (reply && reply.outcome !== "refused")
        write({ kind: "answer", t: monotonicUs(), id: event.id, outcome: reply.outcome, queue: reply.queue, offset: reply.offset });
      return;
    }
    await send(socket, { ...event, at: "2026-05-02T00:00:00Z" });
    const elsewhere = stores.find((store) => store !== event.store);
    const reply = elsewhere ? await send(socket, { ...event, store: elsewhere }) : null;
    if (!reply || (reply.outcome === "refused" && reply.error.retry !== "never")) return;
    if (reply.outcome === "refused")
      write({ kind: "proved", t: monotonicUs(), invariant: "I6", what: "an id for another store is refused" });
    else
      write({
        kind: "broken",
        t: monotonicUs(),
        invariant: "I6",
        message: `${event.id} was confirmed for ${event.store} and ${elsewhere}`,
      });
  }

  async function run(): Promise<void> {
    for (;;) {
      await sleep(1_000 / options.rate);
      if (isStopped) continue;
      sent++;
      for (const event of again.get(sent) ?? []) void repeat(event);
      again.delete(sent);
      // One after the other: a plain client that cares for the order waits for each answer.
      await publish(workload.next(Date.now() - options.startedAtMs));
    }
  }
  void run();

  return {
    counts: () => ({ confirmed, pending }),
    isConnected: () => socket.connected && second.connected,
    isActive: () => socket.active && second.active,
    stop: () => {
      isStopped = true;
    },
  };
}

/** `null`: no answer, which is unknown. */
async function send(socket: PlainSocket, { type, ...event }: PlannedEvent): Promise<PlainConfirm | null> {
  if (!socket.connected) return null;
  const reply = plainConfirmSchema.safeParse(await ask(socket, { name: type, body: event, answerMs: ANSWER_MS }));
  return reply.success ? reply.data : null;
}
