import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AttackedHub, openAttackedHub } from "./attacked-hub.ts";
import { connectTo, openRawPeer } from "./raw-peer.ts";
import { openRawPolling } from "./raw-polling.ts";

let attacked: AttackedHub;
beforeAll(async () => {
  attacked = await openAttackedHub();
});
afterEach(() => attacked.unharmed());
afterAll(() => attacked[Symbol.asyncDispose]());

/** Resolves when the hub has closed the connection. */
function openSlow(head: string, drip: string, everyMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(new URL(attacked.url).port), "127.0.0.1");
    socket.write(head);
    const timer = setInterval(() => socket.write(drip), everyMs);
    socket.on("error", () => {}).resume();
    socket.once("close", () => {
      clearInterval(timer);
      resolve();
    });
  });
}

test("peers that connect and say nothing, or dribble, are let go; the hub answers beside them", async () => {
  const websockets = Array.from({ length: 100 }, async () => {
    const peer = await openRawPeer(attacked.url);
    await peer.closed;
  });
  const polling = Array.from({ length: 20 }, async () => {
    const session = await openRawPolling(attacked.url);
    await session.closed();
  });
  const slow = [
    ...Array.from({ length: 50 }, () => openSlow("GET / HTTP/1.1\r\n", "X-A: b\r\n", 500)),
    ...Array.from({ length: 50 }, () =>
      openSlow("POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n", "x", 500),
    ),
    ...Array.from({ length: 50 }, () => openSlow("", "", 60_000)),
  ];
  await attacked.unharmed();
  expect((await fetch(`${attacked.url}/readyz`)).status).toBe(200);
  await Promise.all([...websockets, ...polling, ...slow]);
});

test("one client sends as fast as it can; the honest pair beside it goes on", async () => {
  const peer = await openRawPeer(attacked.url);
  expect(await connectTo(peer, "/driver", { token: attacked.token("driver") })).toHaveProperty("sid");
  for (let sent = 0; sent < 60_000 && peer.isOpen; sent += 1) {
    peer.send('2/driver,1["jobs",{"x":1}]');
    if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await attacked.unharmed();
  peer.close();
});
