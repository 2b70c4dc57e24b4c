import type { NewEvent, Processed, Publisher } from "@waybill/client";
import { expect, test } from "vitest";
import { askOne } from "./ask.ts";

const event: NewEvent = { type: "message", store: "acme", parcel: "P-1", data: { text: "hello" } };
const place = { id: "e1", queue: "store/acme", offset: 7 };

/** A hub that answers this, and what it was asked. */
function answering(published: Processed) {
  const asked: unknown[] = [];
  const publish = (_event: NewEvent, { signal: _signal, ...options }: { signal?: AbortSignal } = {}) => {
    asked.push(options);
    return Promise.resolve(published);
  };
  return { asked, publisher: { publish } as unknown as Pick<Publisher, "publish"> };
}

const signal = new AbortController().signal;

test.each([
  ["stored", { outcome: "stored", ...place }, true, "message P-1: stored store/acme#7"],
  ["stored", { outcome: "duplicate", ...place }, true, "message P-1: duplicate store/acme#7"],
  ["processed", { outcome: "processed", ...place }, true, "message P-1: processed store/acme#7"],
  ["processed", { outcome: "dead", ...place }, false, "message P-1: dead store/acme#7"],
  ["processed", { outcome: "stored", ...place }, false, "message P-1: stored store/acme#7, and not processed in time"],
] as const)("waiting for %s, and it is %o", async (wait, published, isDone, sentence) => {
  const { publisher, asked } = answering(published);
  expect(await askOne(publisher, event, { wait, timeoutMs: 5_000, signal })).toMatchObject({ isDone, sentence, record: published });
  expect(asked).toEqual([wait === "processed" ? { wait, withinMs: 5_000 } : {}]);
});

test("what is only in the outbox when the time is over was not confirmed: that outbox ends with the program", async () => {
  const { publisher } = answering({ outcome: "outbox", id: "e1", queue: "store/acme" });
  const answer = await askOne(publisher, event, { wait: "processed", timeoutMs: 5_000, signal });
  expect(answer).toMatchObject({ isDone: false, record: { outcome: "refused", error: { code: "TIMED_OUT" } } });
});
