import { HubError, receiptsSchema } from "@waybill/events";
import type { FakeHub } from "./fake-hub.ts";

/** One that waits is answered when one of its offsets is settled, however long that takes. */
export function answerReceipts(hub: FakeHub, body: unknown, ack: (reply: object) => void): void {
  const { queue, offsets, waitMs = 0 } = receiptsSchema.parse(body);
  const foreign = offsets.find((offset) => hub.faults.foreign?.has(offset));
  if (foreign !== undefined) throw new HubError("FORBIDDEN", `${foreign} is another's.`);
  hub.asked.push(offsets);
  const isSettled = (offset: number): boolean => hub.group(queue).settled.has(offset);
  const tell = (): void =>
    ack({ outcome: "receipts", receipts: offsets.map((offset) => ({ offset, state: isSettled(offset) ? "settled" : "pending" })) });
  if (waitMs === 0 || offsets.some(isSettled)) tell();
  else void hub.until(() => offsets.some(isSettled)).then(tell);
}
