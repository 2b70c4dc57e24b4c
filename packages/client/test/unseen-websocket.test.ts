import { once } from "node:events";
import { expect, test } from "vitest";
import { isUnseen, UnseenWebSocket } from "../src/unseen-websocket.ts";
import { openBarePair } from "./bare-pair.ts";

/** What came at the server, and the mask that it came under. */
async function maskOf(transports: Parameters<typeof openBarePair>[0]): Promise<{ word: string; mask: number[] }> {
  const { client, socket } = await openBarePair(transports);
  const said = once(socket, "word");
  client.emit("word", "käse 🚚");
  const [word] = await said;
  return { word, mask: [...Reflect.get(socket.conn.transport, "socket")._receiver._mask] };
}

test("within this machine nothing is masked, and all arrives as it was said", async () => {
  expect(await maskOf([UnseenWebSocket])).toEqual({ word: "käse 🚚", mask: [0, 0, 0, 0] });
  // What Socket.IO does by itself: the look at the server's own state sees a mask where there is one.
  expect((await maskOf(["websocket"])).mask).not.toEqual([0, 0, 0, 0]);
});

test.each([
  ["wss://hub.example:443/socket.io/?EIO=4", true],
  ["ws://localhost:7070/", true],
  ["ws://127.0.0.1:7070/", true],
  ["ws://127.9.9.9/", true],
  ["ws://[::1]:7070/", true],
  ["ws://hub.example/", false],
  ["ws://10.0.0.7/", false],
  ["ws://127.0.0.1.example/", false],
  ["ws://localhost.example/", false],
  ["ws://[::2]/", false],
])("%s: unseen on its way is %s", (uri, expected) => {
  expect(isUnseen(uri)).toBe(expected);
});
