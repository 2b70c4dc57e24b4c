import { expect, test } from "vitest";
import { emitJson } from "../src/json-message.ts";
import { openBarePair } from "./bare-pair.ts";

const settles = [{ sub: 1, epoch: 2, acks: [[1, 3]], nacks: [{ token: 4, reason: 'naïve: "2/vendor,[1]"\n' }] }];

test("what was JSON already arrives as `emit` would have sent it, in its place among what is emitted", async () => {
  const { client, socket } = await openBarePair(["websocket"], "/acme/vendor");
  const heard: [name: string, ...rest: unknown[]][] = [];
  socket.onAny((...said: [name: string]) => void heard.push(said));
  const all = new Promise<void>((resolve) => socket.on("sync", () => resolve()));
  client.emit("credit", { sub: 1 });
  emitJson(client, "/acme/vendor", "settles", JSON.stringify(settles));
  client.emit("settles", settles);
  emitJson(client, "/acme/vendor", "settle", JSON.stringify(settles[0]));
  client.emit("sync", {});
  await all;
  expect(heard).toEqual([
    ["credit", { sub: 1 }],
    ["settles", settles],
    ["settles", settles],
    ["settle", settles[0]],
    ["sync", {}],
  ]);
});

test("without a connection it goes nowhere, as the link that it was meant for is gone", async () => {
  const { client } = await openBarePair(["websocket"], "/vendor");
  const written: unknown[] = [];
  client.io.engine.on("packetCreate", (packet) => void written.push(packet));
  const left = new Promise((resolve) => client.once("disconnect", resolve));
  client.disconnect();
  await left;
  const before = written.length;
  emitJson(client, "/vendor", "settle", "{}");
  expect(written.length).toBe(before);
});
