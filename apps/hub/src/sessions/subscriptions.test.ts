import { EventEmitter } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { openMemoryStorage } from "@waybill/storage";
import { expect, test } from "vitest";
import type { Consumer } from "../dispatch/consumer.ts";
import { watchSending } from "../edge/watch-sending.ts";
import { Subscriptions } from "./subscriptions.ts";

type Made = ConstructorParameters<typeof Subscriptions>;

test("while a socket reads too slowly, neither its new credit nor a new subscription of it gets anything; afterwards each has its own", async () => {
  const connection = Object.assign(new EventEmitter(), { transport: {} });
  watchSending(connection as never, () => {});
  const seated: Consumer[] = [];
  const credits: [number, number][] = [];
  const storage = await openMemoryStorage();
  const row = await storage.subscription({ tenant: "default", queue: "store/acme", group: "main" });
  const runner = {
    key: { tenant: "default", queue: "store/acme", group: "main" },
    opened: async () => row,
    join: (consumer: Consumer) => void seated.push(consumer),
    credit: (consumer: Consumer, { events }: { events: number }) => void credits.push([seated.indexOf(consumer) + 1, events]),
  };
  const parts = {
    storage,
    registry: { obtain: () => runner, view: () => ({ floor: 0 }), gaps: () => [] },
    names: { missing: async () => new Set() },
    config: { leaseMs: 1_000 },
    proof: {},
  } as unknown as Made[0];
  const start = {
    socket: { id: "s", conn: connection, data: {}, emit: () => {} },
    identity: { role: "vendor", tenant: "default", subject: "acme", stores: ["acme", "bolt"] },
  } as unknown as Made[1];
  const subscriptions = new Subscriptions(parts, start);
  const subscribe = async (queue: string) => {
    await subscriptions.subscribe({ queue, credit: { events: 10, bytes: 1_000 } });
    await turn();
  };

  await subscribe("store/acme");
  expect([seated.length, credits]).toEqual([1, []]);
  connection.emit("packetCreate", { data: "x".repeat(1_048_577) });
  seated[0]?.deliver(1, [], 1);
  expect(credits).toEqual([[1, 0]]);
  subscriptions.credit(1, { events: 50, bytes: 1_000 });
  expect(credits).toEqual([[1, 0]]);
  await subscribe("store/bolt");
  expect(credits).toEqual([
    [1, 0],
    [2, 0],
  ]);
  connection.emit("flush", []);
  expect(credits.slice(2)).toEqual([
    [1, 50],
    [2, 10],
  ]);
  subscriptions.credit(2, { events: 3, bytes: 1_000 });
  expect(credits.at(-1)).toEqual([2, 3]);
});
