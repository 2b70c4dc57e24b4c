import { toJsonBytes } from "@waybill/events";
import { expect, test } from "vitest";
import type { StoredLetter } from "../dispatch/dead-letter.ts";
import { lettersFrom, type Which } from "./letters-from.ts";

const key = { tenant: "default", queue: "store/acme", group: "main" };
const letters = Array.from({ length: 5_000 }, (_, index): StoredLetter => {
  const offset = (index + 1) * 3;
  const body = toJsonBytes({ id: `e${offset}` });
  return {
    offset,
    key: `p${offset % 2}`,
    type: offset === 9_000 ? "delivered" : "pickup",
    buriedAtMs: 1,
    redrive: 0,
    notes: [],
    ref: null,
    body,
  };
});
let reads = 0;
const storage = {
  async deadLetters(_: typeof key, after: number, limit: number) {
    reads += 1;
    const rest = letters.filter(({ offset }) => offset > after);
    return { rows: rest.slice(0, limit), more: rest.length > limit };
  },
};

async function pages(which: Which, limit: number) {
  const found: number[][] = [];
  for (let after = 0; ; ) {
    const page = await lettersFrom(storage, key, { which, after, limit });
    found.push(page.letters.map(({ offset }) => offset));
    if (!page.more) return found;
    expect(page.lookedTo).toBeGreaterThan(after);
    after = page.lookedTo;
  }
}

test("pages hold at most what was asked for, and every letter is in one of them", async () => {
  const found = await pages({}, 450);
  expect(Math.max(...found.map((page) => page.length))).toBe(450);
  expect(found.flat()).toEqual(letters.map(({ offset }) => offset));
});

test("a filter that fits few ends pages early, so that no answer looks at everything", async () => {
  const found = await pages({ type: "delivered" }, 10);
  expect(found.length).toBeGreaterThan(2);
  expect(found.flat()).toEqual([9_000]);
  expect((await pages({ parcel: "p1", type: "delivered" }, 10)).flat()).toEqual([]);
});

test("offsets are found by themselves, and those without a letter are left out", async () => {
  reads = 0;
  expect(await pages({ offsets: [15_000, 4, 3, 9_000] }, 10)).toEqual([[3, 9_000, 15_000]]);
  expect(reads).toBeLessThan(6);
  expect(await pages({ offsets: [4, 99_999] }, 10)).toEqual([[]]);
});
