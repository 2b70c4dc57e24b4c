import type { StoredEvent } from "@waybill/storage";
import { expect, test } from "vitest";
import type { Identity } from "../auth/tokens.ts";
import type { ReceiptDesk } from "./receipt-desk.ts";
import { createReceiptRequests } from "./receipt-requests.ts";

const queue = "store/acme";
/** Who stored the event at which offset: an outbox, a plain client, another one. */
const storedBy = ["outbox-1", "driver:dana", "driver:eli"];
const ask = { outcome: "receipts", receipts: [] };

function requestsOf(role: Identity["role"], producer: string | null) {
  const desk = {
    look: async (tenant: string, _queue: string, offsets: readonly number[]) => {
      const events = offsets.map((offset): [number, Partial<StoredEvent>] => [offset, { offset, producer: storedBy[offset - 1] ?? "" }]);
      return { key: { tenant, queue, group: "main" }, offsets, events: new Map(events) };
    },
    states: async () => [],
    wait: async () => [],
  } as unknown as ReceiptDesk;
  const identity: Identity = { role, tenant: "default", subject: "dana", stores: [], expMs: Number.MAX_SAFE_INTEGER };
  return createReceiptRequests({ receipts: desk, identity, producer: () => producer, over: new AbortController().signal });
}

test("who stored an event asks what became of it, by its outbox or by its token; one event of another refuses the whole request", async () => {
  const request = requestsOf("driver", "outbox-1");
  expect(await request({ queue, offsets: [1, 2] })).toEqual(ask);
  for (const waitMs of [0, 10]) {
    await expect(request({ queue, offsets: [1, 2, 3], waitMs })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringContaining("offset 3"),
    });
  }
  await expect(requestsOf("driver", null)({ queue, offsets: [1] })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(requestsOf("vendor", null)({ queue, offsets: [2] })).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(await requestsOf("admin", null)({ queue, offsets: [1, 2, 3] })).toEqual(ask);
});
