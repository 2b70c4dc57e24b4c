import { decodeFrame, deliversHeaderSchema, limits } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { Socket } from "socket.io";
import { expect, test } from "vitest";
import { Answers } from "./answers.ts";
import type { Peer } from "./consumer.ts";
import { FrameConsumer } from "./frame-consumer.ts";
import { createFrameDesk } from "./frame-desk.ts";

/** A connection with two subscriptions, and what was sent over it: names, and of frames the subscription, the first token and the lines. */
function rig() {
  const sent: unknown[] = [];
  const waiting: (() => void)[] = [];
  const emit = (name: string, body: unknown) => {
    sent.push(body instanceof Uint8Array ? partsOf(body) : name);
    for (const tell of waiting.splice(0)) tell();
  };
  const socket = { emit, conn: { transport: { name: "polling" } } } as unknown as Socket;
  const desk = createFrameDesk({ socket, epoch: 2 });
  const peer: Peer = { socket, desk, answers: new Answers(socket), epoch: 2, by: "v", delivered: () => {} };
  const consumer = (sub: number) => new FrameConsumer(peer, { sub, instance: "i", credit: { events: 10, bytes: 10 } });
  return { desk, sent, consumers: [consumer(1), consumer(2)] as const, next: () => new Promise<void>((tell) => waiting.push(tell)) };
}

function partsOf(frame: Uint8Array) {
  const { header, bodies } = decodeFrame(frame);
  const { parts } = deliversHeaderSchema.parse(header);
  const lines = bodies.map((body) => new TextDecoder().decode(body));
  return parts.map(({ sub, first, events }) => [sub, first, ...lines.splice(0, events.length)]);
}

const item = (offset: number, body: string): DeliveryItem => ({
  entry: {
    offset,
    key: "p",
    type: "pickup",
    bytes: body.length,
    recordedAtMs: 1_000,
    ref: { id: `e${offset}`, homeOffset: 0, body: new TextEncoder().encode(body) },
  },
  failed: 0,
  interrupted: 0,
  redrive: 0,
});

test("what several subscriptions of a connection are offered in one turn is one frame", async () => {
  const { consumers, desk, sent, next } = rig();
  const [one, two] = consumers;
  one.deliver(10, [item(1, '"a"'), item(2, '"b"')], 1);
  two.deliver(7, [item(1, '"c"')], 1);
  one.deliver(12, [item(3, '"d"')], 1);
  expect([sent, desk.waitingBytes() > 0]).toEqual([[], true]);
  await next();
  expect(sent).toEqual([
    [
      [1, 10, '"a"', '"b"'],
      [2, 7, '"c"'],
      [1, 12, '"d"'],
    ],
  ]);
  expect(desk.waitingBytes()).toBe(0);
  two.deliver(8, [item(2, '"e"')], 1);
  await next();
  expect(sent.at(-1)).toEqual([[2, 8, '"e"']]);
});

test.each([
  ["lost", ([one]: ReturnType<typeof rig>["consumers"]) => one.lost(2, [[10, 10]])],
  ["reset", ([one]: ReturnType<typeof rig>["consumers"]) => one.reset(3, 0)],
  ["gap", ([one]: ReturnType<typeof rig>["consumers"]) => one.gap(1, 2)],
])("no %s overtakes what was delivered before it, to whichever subscription", (name, tell) => {
  const { consumers, sent } = rig();
  consumers[1].deliver(10, [item(1, '"a"')], 1);
  tell(consumers);
  expect(sent).toEqual([[[2, 10, '"a"']], name]);
});

test("a frame that is full leaves at once", () => {
  const { consumers, sent } = rig();
  const body = JSON.stringify("x".repeat(limits.deliverBytesMax / 2));
  consumers[0].deliver(1, [item(1, body)], 1);
  consumers[1].deliver(1, [item(1, body)], 1);
  expect(sent).toEqual([[[1, 1, body]]]);
});
