import { EventEmitter } from "node:events";
import type { Socket as Connection } from "engine.io";
import { expect, test } from "vitest";
import { waitingBytesOf } from "./outgoing.ts";
import { watchSending } from "./watch-sending.ts";

const MEGABYTE = 1_024 * 1_024;

/** Engine.IO's connection as far as it is looked at: `packetCreate` with each packet, `flush` when the transport took all. */
function openConnection() {
  const connection = Object.assign(new EventEmitter(), { transport: {} }) as Connection;
  const stalled: number[] = [];
  let nowMs = 0;
  watchSending(
    connection,
    (_, bytes) => stalled.push(bytes),
    () => nowMs,
  );
  return {
    connection,
    stalled,
    send: (data: string | Uint8Array) => connection.emit("packetCreate", { type: "message", data }),
    flush: () => connection.emit("flush", []),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("what waits is counted, text and bytes, until the transport takes it", () => {
  const { connection, send, flush } = openConnection();
  send("12345");
  send(new Uint8Array(10));
  expect(waitingBytesOf(connection)).toBe(15);
  flush();
  expect(waitingBytesOf(connection)).toBe(0);
});

test("a peer that takes nothing for 10 s while more than 4 MB wait for it has stalled, and that is said once", () => {
  const { send, stalled, pass } = openConnection();
  send(new Uint8Array(4 * MEGABYTE));
  pass(10_001);
  expect(stalled).toEqual([]);
  send("2");
  send("2");
  expect(stalled).toEqual([4 * MEGABYTE + 1]);
});

test("much that waits for a short time, and little that waits for long, is no stall", () => {
  const { send, flush, stalled, pass } = openConnection();
  send(new Uint8Array(8 * MEGABYTE));
  pass(10_000);
  send("2");
  flush();
  send(new Uint8Array(MEGABYTE));
  pass(60_000);
  send("2");
  expect(stalled).toEqual([]);
});
