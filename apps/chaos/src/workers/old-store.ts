/**
 * A store of the old parcel service: orders, and says thank you. It knows nothing of offsets or leases: an order goes out under its
 * own id until it is answered, and what comes in is done once for each message id, and then acknowledged, however often it comes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Chance, History } from "@waybill/testkit";
import { type OldRecord, type OldWord, oldMessageSchema, oldWords } from "./old-records.ts";
import { sayUntilStored } from "./old-say.ts";
import type { PlainSocket } from "./plain-socket.ts";

export type OldStoreOptions = {
  socket: PlainSocket;
  store: string;
  rate: number;
  chance: Chance;
  life: number;
  /** Of its lives before. */
  past: Iterable<OldRecord>;
  history: History;
};

/** Orders that are not delivered yet: fewer than the hub gives an old client at once. */
const OPEN_MAX = 20;
const AGAIN_SHARE = 0.3;
/** It asks for all that is kept: what became stuck while it could not answer comes again by that. */
const GET_ALL_MS = 3_000;

export function openOldStore({ socket, store, rate, chance, life, past, history }: OldStoreOptions) {
  const write = (record: OldRecord) => history.write(record);
  /** Orders that are not delivered yet; those of lives before that were not answered; message ids of what is done. */
  const open = new Set<string>();
  const unanswered = new Set<string>();
  const done = new Set<string>();
  let ordered = 0;
  let isStopped = false;

  for (const record of past) {
    if (record.old === "order") for (const orders of [open, unanswered]) orders.add(record.orderId);
    if (record.old === "ordered") unanswered.delete(record.orderId);
    if (record.old !== "applied") continue;
    done.add(record.messageId);
    if (record.word === "delivered") open.delete(record.orderId);
  }

  const getAll = () => void socket.emit("getAll", { clientId: store });
  socket.on("connect", () => {
    socket.emit("join", { clientId: store });
    getAll();
  });
  setInterval(() => socket.connected && getAll(), GET_ALL_MS);

  const take = (word: OldWord) => (said: unknown) => {
    const { messageId, order } = oldMessageSchema.parse(said);
    if (!done.has(messageId)) {
      write({ old: "applied", orderId: order.orderId, word, messageId });
      done.add(messageId);
      if (word === "delivered") open.delete(order.orderId);
    }
    socket.emit("received", said);
  };
  for (const word of oldWords) socket.on(word, take(word));

  async function order(orderId: string): Promise<void> {
    const saying = { name: "pickup", messageId: orderId, store, order: { store, orderId, customer: "Ada", address: "Pier 1" } };
    if (!(await sayUntilStored(socket, saying, history))) return;
    write({ old: "ordered", orderId });
    ordered++;
    if (chance.hit(AGAIN_SHARE)) await sayUntilStored(socket, saying, history);
  }

  async function run(): Promise<void> {
    for (let number = 0; ; await sleep(1_000 / rate)) {
      if (isStopped || open.size >= OPEN_MAX) continue;
      const orderId = `${store}-${life}-${number++}`;
      write({ old: "order", orderId });
      open.add(orderId);
      void order(orderId);
    }
  }
  for (const orderId of unanswered) void order(orderId);
  void run();

  return {
    /** Pending: until it is delivered. */
    counts: () => ({ confirmed: ordered, pending: open.size, applied: done.size }),
    stop: () => {
      isStopped = true;
    },
  };
}
