import { HubError, limits } from "@waybill/events";
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

test.each<[string, Partial<Parts["admission"]>, string, string]>([
  ["at once", { prepare: () => null, admit: () => refuse() }, "stored", "FORBIDDEN"],
  [
    "when its names were looked up",
    { prepare: () => Promise.reject(new HubError("FORBIDDEN", "no")), admit: () => {} },
    "stored",
    "FORBIDDEN",
  ],
  ["by the storage", { prepare: () => null, admit: () => {} }, "full", "QUEUE_FULL"],
  ["never: it is stored", { prepare: () => null, admit: () => {} }, "stored", "none"],
])("an event that is refused %s waits for nothing any more: as many as may wait can follow", async (_, admission, outcome, code) => {
  const proof = { published: () => {}, refused: () => {}, fault: () => {} };
  const committer = { append: async () => [{ outcome, queue: "store/a", offset: 1 }] };
  const identity = { tenant: "default", role: "vendor", subject: "v", stores: ["a"] };
  const publish = createPlainPublisher({ identity, admission, committer, clock: { nowMs: () => 0 }, proof } as unknown as Parts);
  const answer = async () => publish("message", { parcel: "p", store: "a", data: { text: "hello" } });
  for (let count = 0; count <= limits.plainUnderWayMax; count += 1) {
    const told = await answer().then(
      () => "none",
      (error: HubError) => error.code,
    );
    expect(told).toBe(code);
  }
  const waiting = Array.from({ length: limits.plainUnderWayMax }, answer);
  if (code === "none") await expect(answer()).rejects.toMatchObject({ code: "BUSY" });
  await Promise.allSettled(waiting);
});

const refuse = (): never => {
  throw new HubError("FORBIDDEN", "no");
};
