import { expect, test } from "vitest";
import { collect } from "../../test/collect.ts";
import { createChance } from "../drive/chance.ts";
import { byTime } from "./by-time.ts";
import type { ParcelRow, TimedEvent } from "./parcel-row.ts";

const event = (parcel: string, ms: number): TimedEvent => ({ ms, event: { type: "pickup", parcel, store: "acme" } });
const sorted = (rows: ParcelRow[]): Promise<TimedEvent[]> =>
  collect(
    byTime(
      (async function* () {
        yield* rows;
      })(),
    ),
  );

test("events of many parcels come in the order of their times", async () => {
  const out = await sorted([
    { fromMs: 0, events: [event("A", 10), event("A", 50)] },
    { fromMs: 20, events: [event("B", 30), event("B", 40)] },
  ]);
  expect(out.map((each) => each.ms)).toEqual([10, 30, 40, 50]);
});

test("equal times keep the order of the rows", async () => {
  const out = await sorted([{ fromMs: 0, events: ["A", "B", "C", "D", "E"].map((parcel) => event(parcel, 7)) }]);
  expect(out.map((each) => each.event.parcel).join("")).toBe("ABCDE");
});

test("a file that does not tell its order is passed on row by row", async () => {
  const unsorted = [30, 10, 20].map((ms) => ({ fromMs: Number.POSITIVE_INFINITY, events: [event("A", ms)] }));
  expect((await sorted(unsorted)).map((each) => each.ms)).toEqual([30, 10, 20]);
});

test("for any file that is sorted by fromMs: nothing is lost, and time never goes back", async () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const chance = createChance(`by-time/${seed}`);
    const draw = (count: number, below: number) => Array.from({ length: chance.below(count) }, () => chance.below(below));
    const rows = draw(50, 1_000)
      .toSorted((a, b) => a - b)
      .map((fromMs) => ({ fromMs, events: draw(4, 500).map((ms) => event("A", fromMs + ms)) }));
    const expected = rows.flatMap((each) => each.events.map(({ ms }) => ms)).toSorted((a, b) => a - b);
    expect(
      (await sorted(rows)).map((each) => each.ms),
      `seed ${seed}`,
    ).toEqual(expected);
  }
});
