import { EventEmitter } from "node:events";
import type { Socket } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Expiries } from "./expiries.ts";

let closed: string[];
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  closed = [];
});
afterEach(() => vi.useRealTimers());

const connection = () => Object.assign(new EventEmitter(), { readyState: "open" });
const socketOf = (name: string, conn = connection()): Socket =>
  ({
    connected: true,
    nsp: { name },
    emit: (_: string, { closing }: { closing: boolean }) => void closed.push(`${name} ${closing}`),
    conn: Object.assign(conn, {
      close() {
        conn.readyState = "closed";
        conn.emit("close");
      },
    }),
  }) as unknown as Socket;

test("each socket is closed when its own token expires, whoever came first", () => {
  const expiries = new Expiries(Date.now);
  expiries.watch(socketOf("late"), 5_000);
  expiries.watch(socketOf("early"), 1_000);
  expiries.watch(socketOf("in between"), 3_000);
  vi.advanceTimersByTime(999);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(closed).toEqual(["early true"]);
  vi.advanceTimersByTime(2_000);
  expect(closed).toEqual(["early true", "in between true"]);
  vi.advanceTimersByTime(2_000);
  expect([closed.at(-1), expiries.size]).toEqual(["late true", 0]);
});

test("a connection that is gone is forgotten, with all of its sockets; the others are not", () => {
  const expiries = new Expiries(Date.now);
  const conn = connection();
  expiries.watch(socketOf("one", conn), 1_000);
  expiries.watch(socketOf("two", conn), 2_000);
  expiries.watch(socketOf("other"), 1_500);
  expect(expiries.size).toBe(2);
  conn.emit("close");
  expect(expiries.size).toBe(1);
  vi.advanceTimersByTime(2_000);
  expect(closed).toEqual(["other true"]);
});

test("of two sockets of one connection, the first to expire closes it", () => {
  const expiries = new Expiries(Date.now);
  const conn = connection();
  expiries.watch(socketOf("long", conn), 60_000);
  expiries.watch(socketOf("short", conn), 1_000);
  vi.advanceTimersByTime(1_000);
  expect([closed, expiries.size]).toEqual([["short true"], 0]);
});

test("a token that is good for longer than a timer can wait is looked at again, and closes nobody before", () => {
  const expiries = new Expiries(Date.now);
  const month = 31 * 86_400_000;
  expiries.watch(socketOf("a"), month);
  vi.advanceTimersByTime(month - 1);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(closed).toEqual(["a true"]);
});

test("a wall clock that was set back lets a token live as long as it says", () => {
  let nowMs = 0;
  const expiries = new Expiries(() => nowMs);
  expiries.watch(socketOf("a"), 1_000);
  nowMs = 400;
  vi.advanceTimersByTime(1_000);
  expect(closed).toEqual([]);
  nowMs = 1_000;
  vi.advanceTimersByTime(600);
  expect(closed).toEqual(["a true"]);
});
