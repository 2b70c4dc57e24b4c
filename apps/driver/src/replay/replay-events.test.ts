import type { NewEvent, Published, Publisher } from "@waybill/client";
import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import type { TimedEvent } from "./parcel-row.ts";
import { replayEvents } from "./replay-events.ts";

const source = async function* (...parcels: string[]) {
  for (const parcel of parcels) yield { ms: 0, event: { type: "pickup", parcel, store: "acme" } } satisfies TimedEvent;
};

const run = (answer: (event: NewEvent) => Promise<Published>, parcels: string[], pending = () => 0) => {
  const asked: string[] = [];
  const refused: string[] = [];
  const publisher: Pick<Publisher, "publish" | "outbox"> = {
    get outbox() {
      return { pending: pending(), oldest: null, refused: [] };
    },
    publish: (event) => {
      asked.push(event.parcel);
      return answer(event);
    },
  };
  const counts = replayEvents({
    events: source(...parcels),
    publisher,
    signal: new AbortController().signal,
    onRefused: ({ event, error }) => void refused.push(`${event.parcel} ${error.code}`),
    onProgress: () => undefined,
    inFlightMax: 2,
  });
  return { asked, refused, counts };
};
const stored = (id: string): Published => ({ outcome: "stored", id, queue: "store/acme", offset: 1 });

test("every event is counted once, by what became of it", async () => {
  const answers: Record<string, () => Promise<Published>> = {
    A: async () => stored("A"),
    B: async () => ({ ...stored("B"), outcome: "duplicate", offset: 0 }),
    C: () => Promise.reject(new HubError("UNKNOWN_STORE", "no such store")),
    D: () => Promise.reject(new HubError("CANCELLED", "stopped")),
  };
  const { counts, refused } = run((event) => answers[event.parcel]!(), ["A", "B", "C", "D"]);
  expect(await counts).toEqual({ published: 4, stored: 1, duplicates: 1, refused: 1, unknown: 1 });
  expect(refused).toEqual(["C UNKNOWN_STORE"]);
});

test("with a full outbox nothing is published until there is room, so that the order holds", async () => {
  let pending = 100_000;
  const { asked, counts } = run(
    async (event) => stored(event.parcel),
    ["A", "B"],
    () => pending,
  );
  await new Promise(setImmediate);
  expect(asked).toEqual([]);
  pending = 0;
  expect((await counts).stored).toBe(2);
  expect(asked).toEqual(["A", "B"]);
});
