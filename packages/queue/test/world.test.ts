import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EngineOptions } from "../src/index.ts";
import { defaults } from "./desk.ts";
import { type Step, World } from "./world.ts";

const key = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) });
const which = fc.integer({ min: 0, max: 3 });
const pick = fc.nat(1_000);
const delayMs = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_500 }) });

const steps = (order: EngineOptions["order"]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof<{ weight: number; arbitrary: fc.Arbitrary<Step> }[]>(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("publish"), keys: fc.array(key, { minLength: 1, maxLength: 12 }), delayMs }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("subscribe"),
          plain: fc.boolean(),
          events: fc.integer({ min: 0, max: 8 }),
          bytes: fc.integer({ min: 0, max: 1_500 }),
          again: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("leave"), which, how: fc.constantFrom("disconnect", "withdraw") }) },
      {
        weight: 14,
        arbitrary: fc.record({
          do: fc.constant("settle"),
          which,
          how: fc.constantFrom("acks", "acks-in-order", "acks-in-order", "nacks", "rejects", "extends", "withdraws", "started", "late"),
          pick,
        }),
      },
      { weight: 10, arbitrary: fc.record({ do: fc.constant("answer"), count: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.integer({ min: 1, max: 1_200 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("pause"), paused: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("retry", "skip"), key }) },
      { weight: order === "none" ? 4 : 0, arbitrary: fc.record({ do: fc.constant("resolve"), pick }) },
      { weight: order === "none" ? 0 : 2, arbitrary: fc.record({ do: fc.constant("redrive"), pick }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("drain") }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("crash") }) },
    ),
    { minLength: 10, maxLength: 120, size: "max" },
  );

const worlds: { name: string; options: Partial<EngineOptions> }[] = [
  { name: "[O1] [O2] [D1] by key, stuck", options: { policy: "block" } },
  { name: "[O1] [O2] by key, buried", options: { policy: "skip", deadLettersMax: 3 } },
  {
    name: "[W4] [W5] [W6] by key, in a narrow window",
    options: { policy: "block", windowEventsMax: 10, windowBytesMax: 2_000, keyWaitingMax: 3 },
  },
  {
    name: "[W4] [B2] by key, buried, in a narrow window",
    options: { policy: "skip", windowEventsMax: 8, windowBytesMax: 1_200, keyWaitingMax: 2 },
  },
  { name: "[O4] by queue", options: { order: "queue", policy: "block", windowEventsMax: 12 } },
  { name: "[O5] [K3] in a pool", options: { order: "none", windowEventsMax: 12, windowBytesMax: 2_500 } },
];

const runs = Number(process.env.WAYBILL_PROPERTY_RUNS ?? 150);

describe("against the naive model, with a slow storage and crashes", () => {
  test.each(worlds)("$name", ({ options }) => {
    fc.assert(
      fc.property(steps(options.order ?? "key"), (script) => {
        const world = new World({ ...defaults, ...options });
        for (const step of script) world.run(step);
        world.heal();
        expect(world.unsettled).toEqual([]);
        expect(world.durable.unsettled().size).toBe(0);
        expect(world.durable.attempts.size).toBe(0);
        expect(world.durable.chunks.size).toBe(0);
      }),
      { numRuns: runs },
    );
  });
});
