import type { NewEvent, Published, Publisher } from "@waybill/client";
import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import { type LineResult, publishLines } from "./publish-lines.ts";

const line = (parcel: string, type = "pickup") => `${JSON.stringify({ id: parcel, type, store: "acme", parcel })}\n`;
const bytes = async function* (...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
};

/** A publisher whose answers the test gives by hand. */
function fakePublisher() {
  const asked: NewEvent[] = [];
  const answers = new Map<string, PromiseWithResolvers<Published>>();
  const waiting = (parcel: string) => {
    const known = answers.get(parcel) ?? Promise.withResolvers<Published>();
    answers.set(parcel, known);
    return known;
  };
  const publisher: Pick<Publisher, "publish" | "outbox"> = {
    outbox: { pending: 0, oldest: null, refused: [] },
    publish(event, options) {
      asked.push(event);
      const answer = waiting(event.parcel);
      options?.signal?.addEventListener("abort", () => answer.reject(new HubError("CANCELLED", "stopped")));
      return answer.promise;
    },
  };
  const stored = (id: string, offset: number) => waiting(id).resolve({ outcome: "stored", id, queue: "store/acme", offset });
  return { publisher, asked, stored, waiting };
}

const run = (
  fake: ReturnType<typeof fakePublisher>,
  source: AsyncIterable<Uint8Array>,
  rest: { inFlightMax?: number; signal?: AbortSignal } = {},
) => {
  const results: LineResult[] = [];
  const total = publishLines({
    source,
    publisher: fake.publisher,
    onResult: (result) => void results.push(result),
    now: () => "2026-03-01T08:00:00Z",
    signal: new AbortController().signal,
    ...rest,
  });
  return { results, total };
};

test("results come in the order of the input, whatever the order of the answers", async () => {
  const fake = fakePublisher();
  for (const [id, offset] of [
    ["C", 3],
    ["B", 2],
    ["A", 1],
  ] as const)
    fake.stored(id, offset);
  const { results, total } = run(fake, bytes(line("A"), line("B"), line("C")));
  expect(await total).toEqual({ lines: 3, stored: 3, inOutbox: 0, dead: 0, refused: 0, unknown: 0 });
  expect(results).toMatchObject([
    { line: 1, id: "A", offset: 1 },
    { line: 2, id: "B" },
    { line: 3, id: "C" },
  ]);
});

test("a bad line and a refused event are reported with their numbers, and the others go on", async () => {
  const fake = fakePublisher();
  fake.waiting("B").reject(new HubError("UNKNOWN_STORE", "No such store."));
  fake.stored("C", 1);
  const { results, total } = run(fake, bytes("nonsense\n", line("B"), line("C")));
  expect(await total).toEqual({ lines: 3, stored: 1, inOutbox: 0, dead: 0, refused: 2, unknown: 0 });
  expect(results).toMatchObject([
    { line: 1, outcome: "refused", error: { code: "INVALID_MESSAGE" } },
    { line: 2, outcome: "refused", error: { code: "UNKNOWN_STORE" } },
    { line: 3, outcome: "stored" },
  ]);
});

test("a result does not wait for the next line of input", async () => {
  const fake = fakePublisher();
  const typedLater = Promise.withResolvers<void>();
  const reported = Promise.withResolvers<void>();
  fake.stored("A", 1);
  const total = publishLines({
    source: (async function* () {
      yield Buffer.from(line("A"));
      await typedLater.promise;
    })(),
    publisher: fake.publisher,
    onResult: () => reported.resolve(),
    now: () => "2026-03-01T08:00:00Z",
    signal: new AbortController().signal,
  });
  await reported.promise;
  typedLater.resolve();
  expect((await total).lines).toBe(1);
});

test("no more lines are under way than allowed", async () => {
  const fake = fakePublisher();
  const { total } = run(fake, bytes(line("A"), line("B"), line("C")), { inFlightMax: 2 });
  await new Promise(setImmediate);
  expect(fake.asked.map((event) => event.parcel)).toEqual(["A", "B"]);
  for (const id of ["A", "B", "C"]) fake.stored(id, 1);
  expect((await total).lines).toBe(3);
});

test("stopped before the answer: the line is unknown, not refused", async () => {
  const fake = fakePublisher();
  const stop = new AbortController();
  const { results, total } = run(fake, bytes(line("A")), { signal: stop.signal });
  await new Promise(setImmediate);
  stop.abort();
  expect(await total).toEqual({ lines: 1, stored: 0, inOutbox: 0, dead: 0, refused: 0, unknown: 1 });
  expect(results).toEqual([{ line: 1, outcome: "unknown", id: "A" }]);
});

test("a reader of the results that fails ends the run with its error", async () => {
  const fake = fakePublisher();
  for (const id of ["A", "B"]) fake.stored(id, 1);
  const total = publishLines({
    source: bytes(line("A"), line("B")),
    publisher: fake.publisher,
    onResult: () => Promise.reject(new Error("the pipe is gone")),
    now: () => "2026-03-01T08:00:00Z",
    signal: new AbortController().signal,
    inFlightMax: 1,
  });
  await expect(total).rejects.toThrow("the pipe is gone");
});
