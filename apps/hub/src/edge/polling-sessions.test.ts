import { EventEmitter } from "node:events";
import type { Socket } from "socket.io";
import { expect, test } from "vitest";
import type { Identity } from "../auth/tokens.ts";
import { createPollingSessions } from "./polling-sessions.ts";

const identity: Identity = { role: "driver", tenant: "default", subject: "d1", driver: "d1", stores: [], expMs: 0 };

/** As far as it is looked at. */
function openSocket(transport: "polling" | "websocket") {
  const conn = Object.assign(new EventEmitter(), { transport: { name: transport } });
  return { socket: { conn } as unknown as Socket, conn };
}

test("an identity has so many polling sessions, and another its own", () => {
  const sessions = createPollingSessions(2);
  const [first, second, third] = [openSocket("polling"), openSocket("polling"), openSocket("polling")];
  expect(sessions.take(first.socket, identity)).toBe(true);
  expect(sessions.take(first.socket, identity)).toBe(true);
  expect(sessions.take(second.socket, identity)).toBe(true);
  expect(sessions.take(third.socket, identity)).toBe(false);
  expect(sessions.take(third.socket, { ...identity, subject: "d2" })).toBe(true);
  expect(sessions.take(openSocket("websocket").socket, identity)).toBe(true);
});

test.each(["upgrade", "close"])("one that ends by %s makes room", (event) => {
  const sessions = createPollingSessions(1);
  const first = openSocket("polling");
  sessions.take(first.socket, identity);
  first.conn.emit(event);
  expect(sessions.take(openSocket("polling").socket, identity)).toBe(true);
});
