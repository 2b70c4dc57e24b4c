/** A driver of the old parcel service: each pickup that it is sent it acknowledges, sets out with, and delivers, once. */
import type { History } from "@waybill/testkit";
import { type OldRecord, type OldWord, oldMessageSchema, oldWords } from "./old-records.ts";
import { sayUntilStored } from "./old-say.ts";
import type { PlainSocket } from "./plain-socket.ts";

export type OldDriverOptions = { socket: PlainSocket; store: string; past: Iterable<OldRecord>; history: History };

export function openOldDriver({ socket, store, past, history }: OldDriverOptions) {
  const write = (record: OldRecord) => history.write(record);
  const jobs = new Map<string, { order: object; scanned: Set<OldWord> }>();
  let open = 0;

  for (const record of past) {
    if (record.old === "job") jobs.set(record.orderId, { order: record.order, scanned: new Set() });
    if (record.old === "scanned") jobs.get(record.orderId)?.scanned.add(record.word);
  }

  socket.on("connect", () => {
    socket.emit("join", "driver");
    socket.emit("getAll", "driver");
  });
  socket.on("pickup", (said: unknown) => {
    const { order } = oldMessageSchema.parse(said);
    if (!jobs.has(order.orderId)) {
      write({ old: "job", orderId: order.orderId, order });
      jobs.set(order.orderId, { order, scanned: new Set() });
      void carryOut(order.orderId);
    }
    socket.emit("received", said);
  });

  async function carryOut(orderId: string): Promise<void> {
    const job = jobs.get(orderId);
    if (!job) return;
    open++;
    for (const word of oldWords) {
      if (job.scanned.has(word)) continue;
      if (!(await sayUntilStored(socket, { name: word, messageId: `${word}.${orderId}`, store, order: job.order }, history))) break;
      write({ old: "scanned", orderId, word });
      job.scanned.add(word);
    }
    open--;
  }
  for (const orderId of jobs.keys()) void carryOut(orderId);

  return { pending: () => open };
}
