import type { EngineInput } from "@waybill/queue";
import { expect, test } from "vitest";
import { canWait } from "./patience.ts";

const settle = (what: object): EngineInput => ({ type: "settle", consumer: 1, settle: { epoch: 1, ...what } });
const started = settle({ sub: 3, started: [[1, 1]] });

test("that handlers have started waits for the next input, but it does not pile up", () => {
  expect(canWait(started, 1)).toBe(true);
  expect(canWait(started, 17)).toBe(false);
});

test.each([
  ["an ack", settle({ started: [[1, 1]], acks: [[1, 1]] })],
  ["a hand-back", settle({ withdraws: [[1, 1]] })],
  ["a known gap", settle({ gaps: [[1, 1]] })],
  ["an event", { type: "appended", entries: [] } satisfies EngineInput],
  ["the answer to a commit for which something waits", { type: "committed", commit: 1 } satisfies EngineInput],
  ["the end of a connection", { type: "disconnect", consumer: 1 } satisfies EngineInput],
])("%s waits for nothing", (_name, input) => {
  expect(canWait(input, 1)).toBe(false);
});
