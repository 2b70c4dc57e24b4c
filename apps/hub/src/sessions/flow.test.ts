import { EventEmitter } from "node:events";
import type { Socket as Connection } from "engine.io";
import { expect, test } from "vitest";
import type { Consumer } from "../dispatch/consumer.ts";
import { createFlow } from "./flow.ts";

const consumer = (): Consumer => ({
  instance: "i",
  by: "vendor acme",
  mode: "frames",
  credit: { events: 1, bytes: 1 },
  deliver: () => {},
  lost: () => {},
  reset: () => {},
  gap: () => {},
  abandon: () => {},
});

test("a socket that reads too slowly is held back, once, until what waits has gone", () => {
  const connection = new EventEmitter();
  const changes: boolean[] = [];
  let waiting = 0;
  const flow = createFlow(
    connection as unknown as Connection,
    (isHeld) => changes.push(isHeld),
    () => waiting,
  );
  const [one, two] = [flow.watched(consumer()), flow.watched(consumer())];
  one.deliver(1, [], 1);
  expect(changes).toEqual([]);
  waiting = 1_048_577;
  one.deliver(2, [], 1);
  two.deliver(1, [], 1);
  expect([changes, flow.isHeld()]).toEqual([[true], true]);
  waiting = 0;
  connection.emit("flush");
  expect([changes, flow.isHeld()]).toEqual([[true, false], false]);
  two.deliver(2, [], 1);
  expect(changes).toEqual([true, false]);
});
