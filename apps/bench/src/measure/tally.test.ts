import { expect, test } from "vitest";
import { benchEvent, readId, sourceName } from "../load/bench-event.ts";
import { sourcesOf } from "../load/sources.ts";
import { Tally } from "./tally.ts";

const source = sourceName("p", 0, 7);
const event = (seq: number) => benchEvent(source, seq, { store: 7, bytes: 250 });
const take = (tally: Tally, { id, parcel }: { id: string; parcel: string }) => tally.take(readId(id), parcel);
const clean = { missing: 0, twice: 0, unknown: 0, disorder: 0 };

function accountOf(seqs: readonly number[], events: number) {
  const tally = new Tally({ [source]: events });
  for (const seq of seqs) take(tally, event(seq));
  return tally.account();
}

test("every event once, each parcel's in order: nothing to say", () => {
  const seqs = Array.from({ length: 4_321 }, (_, seq) => seq);
  expect(accountOf(seqs, 4_321)).toEqual({ ...clean, handled: 4_321 });
  // Parcels may overtake each other: 0 and 500 are of one parcel, 1 of another.
  expect(accountOf([1, 0, 500, 2], 501)).toMatchObject({ disorder: 0, twice: 0 });
});

test("what is missing, comes twice, or was never published is counted", () => {
  expect(accountOf([0, 2], 4)).toEqual({ ...clean, handled: 2, missing: 2 });
  expect(accountOf([0, 1, 0], 2)).toMatchObject({ twice: 1 });
  expect(accountOf([0, 9], 1)).toMatchObject({ unknown: 1 });
  const tally = new Tally({ [source]: 1 });
  take(tally, { id: "x.0.7:0", parcel: event(0).parcel });
  take(tally, { id: event(0).id, parcel: "another" });
  expect(tally.account()).toMatchObject({ unknown: 2, missing: 1 });
});

test("a step back within a parcel is out of order", () => {
  expect(accountOf([500, 0], 501)).toMatchObject({ disorder: 1 });
});

test("an event has the size that was asked for", () => {
  for (const bytes of [250, 1_000])
    expect(JSON.stringify(benchEvent(source, 12_345, { store: 7, bytes, stamp: "12 " }))).toHaveLength(bytes);
});

test("a load's sources add up to its events", () => {
  const { shares, expected } = sourcesOf({ phase: "p", events: 1_003, producers: 8, stores: [0, 1, 2, 3, 4, 5, 6] });
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1_003);
  expect(Object.values(expected).reduce((sum, count) => sum + count, 0)).toBe(1_003);
});

test("where each store has one producer, no two producers share a source's store", () => {
  const spread = { producers: 3, stores: [0, 1, 2, 3, 4, 5, 6], own: true };
  const { expected } = sourcesOf({ ...spread, phase: "p", events: 1_003 });
  expect(Object.keys(expected).map((name) => name.split(".").slice(1))).toEqual([
    ...["0", "3", "6"].map((store) => ["0", store]),
    ...["1", "4"].map((store) => ["1", store]),
    ...["2", "5"].map((store) => ["2", store]),
  ]);
  expect(Object.values(expected).reduce((sum, count) => sum + count, 0)).toBe(1_003);
});

test("so many keys take turns for ever, and each keeps its order", () => {
  const keys = 3;
  const keyed = (seq: number) => benchEvent(source, seq, { store: 7, bytes: 250, keys });
  expect([0, 1, 2, 3, 3_000].map((seq) => keyed(seq).parcel)).toEqual(["key-0", "key-1", "key-2", "key-0", "key-0"]);
  const tally = new Tally({ [source]: 7 }, null, keys);
  for (const seq of [1, 0, 2, 6, 3, 4, 5]) take(tally, keyed(seq));
  expect(tally.account()).toEqual({ ...clean, handled: 7, disorder: 1 });
});
