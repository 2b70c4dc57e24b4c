import { EventEmitter } from "node:events";
import type { Socket as Connection } from "engine.io";
import { expect, test } from "vitest";
import { Flow } from "./flow.ts";

test("a socket that reads too slowly is held back, once, until what waits has gone", () => {
  const connection = new EventEmitter();
  const changes: boolean[] = [];
  let waiting = 0;
  const flow = new Flow(connection as unknown as Connection, { waitingBytes: () => waiting, hold: (isHeld) => changes.push(isHeld) });
  flow.check();
  expect(changes).toEqual([]);
  waiting = 1_048_577;
  flow.check();
  flow.check();
  expect([changes, flow.isHeld]).toEqual([[true], true]);
  waiting = 0;
  connection.emit("flush");
  expect([changes, flow.isHeld]).toEqual([[true, false], false]);
  flow.check();
  expect(changes).toEqual([true, false]);
});
