import { createChance } from "@waybill/testkit";
import { expect, test } from "vitest";
import { createWorkload, loadSchema } from "./workload.ts";

const stores = ["a", "b", "c"];
function draw(seed: number, life: number, count: number, nowMs = () => 0) {
  const workload = createWorkload({ producer: "d", life, chance: createChance(seed), stores, hotStore: "a" });
  return Array.from({ length: count }, () => workload.next(nowMs()));
}
const loadOf = (event: ReturnType<typeof draw>[number]) => loadSchema.parse(event.data?.extra);

test("the same seed gives the same load", () => {
  expect(draw(1, 0, 500)).toEqual(draw(1, 0, 500));
  expect(draw(1, 0, 500)).not.toEqual(draw(2, 0, 500));
});

test("ids are unique over lives, and numbers of a shared parcel rise over them", () => {
  const hot = () => 3_500;
  const lives = [draw(1, 0, 300, hot), draw(1, 1, 300, hot)].flat();
  expect(new Set(lives.map(({ id }) => id)).size).toBe(lives.length);
  const numbers = lives.filter(({ parcel }) => parcel.startsWith("hot-")).map((event) => loadOf(event).n);
  expect(numbers.length).toBeGreaterThan(400);
  expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
});

test("a hot while has nine tenths on one parcel of one store, and none of it is poisoned or deadly", () => {
  const events = draw(5, 0, 2_000, () => 3_500);
  const hot = events.filter(({ parcel }) => parcel.startsWith("hot-"));
  expect(hot.length / events.length).toBeGreaterThan(0.85);
  expect(new Set(hot.map(({ parcel, store }) => `${parcel} ${store}`)).size).toBe(1);
  expect(new Set(hot.map((event) => loadOf(event).fate))).toEqual(new Set(["ok", "fails"]));
});

test("a steady while has every fate: a hundredth is poisoned", () => {
  const fates = draw(9, 0, 50_000).map((event) => loadOf(event).fate);
  const share = (fate: string) => fates.filter((one) => one === fate).length / fates.length;
  expect(share("poison")).toBeGreaterThan(0.005);
  expect(share("poison")).toBeLessThan(0.015);
  for (const fate of ["fails", "hangs", "dies-before", "dies-between"]) expect(share(fate)).toBeGreaterThan(0);
});
