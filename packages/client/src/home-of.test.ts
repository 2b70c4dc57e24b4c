import { expect, test } from "vitest";
import { HOMES_MAX, homeOf } from "./home-of.ts";

test("each store has its own queue, asked for once or again, also where there are more stores than are remembered", () => {
  const stores = Array.from({ length: HOMES_MAX + 1 }, (_, index) => `s${index}`);
  const queues = stores.map((store) => `store/${store}`);
  expect(stores.map(homeOf)).toEqual(queues);
  expect(stores.map(homeOf)).toEqual(queues);
});
