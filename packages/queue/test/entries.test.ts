import { expect, test } from "vitest";
import { Desk, entry } from "./desk.ts";

test("[W1] what is in memory is told: unsettled, ascending, waiting or in hand", () => {
  const desk = new Desk();
  desk.backlog(...[1, 2, 3, 4, 5].map((offset) => entry(offset, `p${offset}`)));
  desk.seat(1, { events: 3 });
  desk.ack(1, 2);
  expect([...desk.engine.entries()].map(({ offset }) => offset)).toEqual([1, 3, 4, 5]);
});
