import type { Explained } from "@waybill/client";
import { engineReasonSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { explainSentence } from "./explain-sentence.ts";

const stored: NonNullable<Explained["stored"]> = {
  queue: "store/acme",
  offset: 17,
  id: "e17",
  type: "delivered",
  parcel: "P-1",
  producer: "dana",
  number: 0,
  homeOffset: 17,
  recordedAtMs: 1,
};
const say = (reason: Explained["reason"], more: Partial<Explained> = {}) =>
  explainSentence({ outcome: "explained", offset: 17, stored, first: 17, redrive: 0, nowMs: 1_000_000, reason, ...more });

test("an event has its own reason, or that of the one in front of it", () => {
  const stuck = { because: "stuck", failed: 5, interrupted: 1 } as const;
  expect(say(stuck)).toBe(
    "delivered of parcel P-1 (offset 17): It is stuck after 5 failed and 1 interrupted attempts: retry or skip its parcel.",
  );
  expect(say(stuck, { first: 12 })).toBe(
    "delivered of parcel P-1 (offset 17) waits behind offset 12 of its parcel, which is stuck after 5 failed and 1 interrupted attempts: retry or skip its parcel.",
  );
});

test("a lease is told with its holder and its end, a retry with its time", () => {
  const inHand = { because: "in-hand", by: "vendor acme", untilMs: 1_029_100, started: true, alone: true, answered: false } as const;
  expect(say(inHand)).toContain("in the hand of vendor acme, whose lease ends in 30 s; its handler was started; alone");
  expect(say({ because: "resting", dueMs: 999_999, failed: 2, interrupted: 0 })).toContain("next attempt now, after 2 failed");
});

test("an event that is not there is told as such, a redrive as a redrive", () => {
  expect(say({ because: "ahead", head: 3 }, { stored: null })).toBe("Offset 17 is ahead of the queue, which ends at 3.");
  expect(say({ because: "no-consumer" }, { redrive: 1 })).toContain("It was sent again by hand and waits, since nobody reads");
  expect(say({ because: "not-routed", home: "store/acme" }, { offset: 0, first: 0 })).toBe(
    "delivered of parcel P-1 (store/acme 17) was not routed to this queue.",
  );
});

test("every reason of the engine has its sentence", () => {
  const values = {
    by: "x",
    head: 1,
    untilMs: 1,
    dueMs: 1,
    failed: 1,
    interrupted: 1,
    from: 1,
    cursor: 1,
    offset: 1,
    consumers: 1,
    inHand: 1,
  };
  const flags = { started: false, alone: false, answered: false };
  const reasons = engineReasonSchema.options.map(({ shape }) =>
    engineReasonSchema.parse({ ...values, ...flags, because: shape.because.value }),
  );
  const sentences = reasons.map((reason) => say(reason));
  expect(sentences.filter((sentence) => sentence.includes("undefined"))).toEqual([]);
  expect(new Set(sentences).size).toBe(engineReasonSchema.options.length);
});
