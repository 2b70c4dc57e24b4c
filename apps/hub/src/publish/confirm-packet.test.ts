import { type PlainConfirm, plainConfirmSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { ConfirmPacket } from "./confirm-packet.ts";

type Confirmed = ConstructorParameters<typeof ConfirmPacket>[2];

test.each<PlainConfirm>([
  { outcome: "stored", id: "A1:2.3_-", queue: "store/acme-7", offset: 17 } as PlainConfirm,
  { outcome: "stored", id: "a".repeat(64), queue: `store/${"b".repeat(63)}`, offset: 9_007_199_254_740_991 } as PlainConfirm,
  { outcome: "duplicate", id: "a", queue: "store/a", offset: 0 } as PlainConfirm,
])("a confirm's packet is written as it stands on the wire", (confirm) => {
  for (const id of [0, 7, 1_234_567_890_123]) {
    const packet = new ConfirmPacket("3/driver,", id, confirm as Confirmed);
    const into = Buffer.from("-".repeat(packet.bytes + 4));
    expect(packet.write(into, 2)).toBe(2 + packet.bytes);
    expect(into.toString()).toBe(`--3/driver,${id}[${JSON.stringify(confirm)}]--`);
    expect(plainConfirmSchema.parse(confirm)).toEqual(confirm);
  }
});
