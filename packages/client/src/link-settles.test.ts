import { limits, type Settle, settlesSchema, type Welcome } from "@waybill/events";
import type { Socket } from "socket.io-client";
import { expect, test } from "vitest";
import { Link } from "./link.ts";

const nothing = (): void => {};
const handlers = {
  deliver: nothing,
  lost: nothing,
  reset: nothing,
  gap: nothing,
  live: () => false,
  error: nothing,
  welcomed: nothing,
  draining: nothing,
  broken: nothing,
};
const welcome = (protocol: number): Welcome => ({
  protocol,
  storageId: "s",
  epoch: 1,
  hubTime: 0,
  you: { role: "vendor", tenant: "default", subject: "v", stores: ["acme"] },
  limits,
});

/** A link whose hub speaks that version of the wire, and what it emits. */
function linkTo(protocol: number) {
  const emitted: [name: string, body: unknown][] = [];
  const hears = new Map<string, (body: unknown) => void>();
  const emit = (name: string, body: unknown): void => void emitted.push([name, body]);
  const write = (packet: string): void => void emitted.push(JSON.parse(packet.slice("2/vendor,".length)));
  const socket = {
    on: (name: string, hear: (body: unknown) => void) => void hears.set(name, hear),
    emit,
    timeout: () => ({ emit }),
    connected: true,
    io: { engine: { write } },
  } as unknown as Socket;
  const link = new Link(socket, { namespace: "/vendor", answerMs: 1_000 }, handlers);
  hears.get("welcome")?.(welcome(protocol));
  return { link, emitted };
}
const settle = (sub: number): Settle => ({ sub, epoch: 1, acks: [[1, 2]] });
const json = (sub: number): string => JSON.stringify(settle(sub));

test("what several subscriptions settle is one message; of one it is a message as ever", () => {
  const { link, emitted } = linkTo(2);
  for (const sub of [1, 2, 3]) link.settle(json(sub), 40);
  expect(emitted).toEqual([]);
  link.flush();
  link.settle(json(4), 40);
  link.flush();
  link.flush();
  expect(emitted).toEqual([
    ["settles", [settle(1), settle(2), settle(3)]],
    ["settle", settle(4)],
  ]);
  expect(settlesSchema.safeParse(emitted[0]?.[1]).success).toBe(true);
});

test("a hub of version 1 gets them one by one", () => {
  const { link, emitted } = linkTo(1);
  for (const sub of [1, 2]) link.settle(json(sub), 40);
  link.flush();
  expect(emitted.map(([name]) => name)).toEqual(["settle", "settle"]);
});

test("whatever else is sent comes behind what was settled", () => {
  const { link, emitted } = linkTo(2);
  link.settle(json(1), 40);
  link.ask("sync", {}, nothing);
  link.settle(json(2), 40);
  link.notify("credit", { sub: 2, events: 0, bytes: 0 });
  expect(emitted.map(([name]) => name)).toEqual(["settle", "sync", "settle", "credit"]);
});

test("a message keeps the limits of the wire, in bytes and in subscriptions", () => {
  const { link, emitted } = linkTo(2);
  for (let sub = 1; sub <= limits.settlesPerMessageMax + 2; sub += 1) link.settle(json(sub), 40);
  for (const sub of [301, 302, 303]) link.settle(json(sub), limits.frameBytesMax / 4);
  link.flush();
  expect(emitted.map(([, body]) => (Array.isArray(body) ? body.length : 1))).toEqual([limits.settlesPerMessageMax, 3, 2]);
});
