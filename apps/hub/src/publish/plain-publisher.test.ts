import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import { createPlainPublisher } from "./plain-publisher.ts";

type Parts = Parameters<typeof createPlainPublisher>[0];

test("a hub that cannot read its data refuses an event to be tried again, never for good: the event is not to blame", async () => {
  const refused: string[] = [];
  const faults: unknown[] = [];
  const unread = () => Promise.reject(new HubError("DATA_DAMAGED", "database disk image is malformed"));
  const parts = {
    identity: { tenant: "default", role: "vendor", subject: "v", stores: ["a"] },
    admission: { prepare: unread },
    clock: { nowMs: () => 0 },
    proof: {
      published: () => {},
      refused: (code: string) => void refused.push(code),
      fault: (_what: string, error: unknown) => void faults.push(error),
    },
  };
  const publish = createPlainPublisher(parts as unknown as Parts);
  const answer = publish("message", { parcel: "p", store: "a", data: { text: "hello" } });
  await expect(answer).rejects.toMatchObject({ code: "STORAGE_FAILED", retry: "backoff" });
  expect(refused).toEqual(["STORAGE_FAILED"]);
  expect(faults).toMatchObject([{ code: "DATA_DAMAGED" }]);
});
