import { HubError, limits } from "@waybill/events";
import { expect, test } from "vitest";
import { PlainPublisher } from "./plain-publisher.ts";

type Parts = ConstructorParameters<typeof PlainPublisher>[0];

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
  const publisher = new PlainPublisher(parts as unknown as Parts);
  const answer = publisher.publish("message", { parcel: "p", store: "a", data: { text: "hello" } });
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
  [
    "by a fault of the hub's",
    {
      prepare: () => {
        throw new TypeError("a fault");
      },
      admit: () => {},
    },
    "stored",
    "INTERNAL",
  ],
  ["by the storage", { prepare: () => null, admit: () => {} }, "full", "QUEUE_FULL"],
  ["never: it is stored", { prepare: () => null, admit: () => {} }, "stored", "none"],
])("an event that is refused %s waits for nothing any more: as many as may wait can follow", async (_, admission, outcome, code) => {
  const proof = { published: () => {}, refused: () => {}, fault: () => {} };
  const committer = { append: async () => [{ outcome, queue: "store/a", offset: 1 }] };
  const identity = { tenant: "default", role: "vendor", subject: "v", stores: ["a"] };
  const publisher = new PlainPublisher({ identity, admission, committer, clock: { nowMs: () => 0 }, proof } as unknown as Parts);
  const answer = async () => publisher.publish("message", { parcel: "p", store: "a", data: { text: "hello" } });
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

test("what came in one go is handed over at once and in its order; what is refused of it keeps nothing else from being stored", async () => {
  const appended: string[][] = [];
  const committer = {
    append: async (items: { parcel: string }[]) => {
      appended.push(items.map(({ parcel }) => parcel));
      return items.map(({ parcel }) => ({ outcome: parcel === "full" ? "full" : "stored", queue: "store/a", offset: 1 }));
    },
  };
  const admission = {
    prepare: () => null,
    admit: (_: unknown, { parcel }: { parcel: string }) => (parcel === "bad" ? refuse() : undefined),
  };
  const proof = { published: () => {}, refused: () => {}, fault: () => {} };
  const identity = { tenant: "default", role: "vendor", subject: "v", stores: ["a"] };
  const publisher = new PlainPublisher({ identity, admission, committer, clock: { nowMs: () => 0 }, proof } as unknown as Parts);
  const publish = (parcel: string) =>
    publisher.publish("message", { parcel, store: "a", data: { text: "hello" } }).then(
      ({ outcome }) => outcome,
      ({ code }: HubError) => code,
    );
  expect(await Promise.all(["p1", "bad", "full", "p2"].map(publish))).toEqual(["stored", "FORBIDDEN", "QUEUE_FULL", "stored"]);
  expect(await Promise.all([publish("bad"), publish("bad")])).toEqual(["FORBIDDEN", "FORBIDDEN"]);
  expect(await publish("p3")).toBe("stored");
  expect(appended).toEqual([["p1", "full", "p2"], ["p3"]]);
});

const refuse = (): never => {
  throw new HubError("FORBIDDEN", "no");
};
