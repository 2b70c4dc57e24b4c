import { startHub } from "@waybill/testkit";
import { io, type Socket } from "socket.io-client";
import { expect, test } from "vitest";

const heard = (socket: Socket, name: string): Promise<void> => new Promise((resolve) => void socket.once(name, () => resolve()));

test("a token of many stores is no leak: their neighbours hear who comes and goes, and Node warns of nothing", async () => {
  const stores = Array.from({ length: 16 }, (_, index) => `store-${index}`);
  const hub = await startHub();
  const open = (sub: string) => io(`${hub.url}/vendor`, { auth: { token: hub.token({ sub, role: "vendor", stores }) }, forceNew: true });
  const first = open("first");
  await heard(first, "welcome");
  const told: unknown[] = [];
  first.on("presence", (presence: unknown) => told.push(presence));
  const second = open("second");
  await heard(second, "welcome");
  second.disconnect();
  while (told.length < 2 * stores.length) await heard(first, "presence");
  first.disconnect();
  await hub.close();

  for (const online of [true, false])
    expect(told).toEqual(expect.arrayContaining(stores.map((id) => expect.objectContaining({ role: "vendor", id, online }))));
  expect(hub.program.stderrTail).toEqual([]);
});
