import { decodeFrame, deliverHeaderSchema, limits } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { expect, test } from "vitest";
import type { Peer } from "./consumer.ts";
import { FrameConsumer } from "./frame-consumer.ts";

function framesOf(items: DeliveryItem[], first = 1) {
  const frames: Uint8Array[] = [];
  const socket = { emit: (_: string, frame: Uint8Array) => frames.push(frame) };
  const peer = { socket, desk: null, epoch: 2, by: "v", delivered: () => {} } as unknown as Peer;
  const consumer = new FrameConsumer(peer, { sub: 3, instance: "i", credit: { events: 10, bytes: 10 } });
  consumer.deliver(first, items, 5);
  return frames.map((frame) => {
    const { header, bodies } = decodeFrame(frame);
    return { header: deliverHeaderSchema.parse(header), bodies: bodies.map((body) => new TextDecoder().decode(body)) };
  });
}
const item = (offset: number, body: string, counts: Partial<DeliveryItem> = {}, homeOffset = 0): DeliveryItem => ({
  entry: {
    offset,
    key: "p",
    type: "pickup",
    bytes: body.length,
    recordedAtMs: 1_000 + offset,
    ref: { id: `e${offset}`, homeOffset, body: new TextEncoder().encode(body) },
  },
  failed: 0,
  interrupted: 0,
  redrive: 0,
  ...counts,
});

test("bodies pass as they came, headers say where they stand", () => {
  expect(framesOf([item(8, '{"a":1}'), item(9, '{"b":2}', { interrupted: 1 }), item(10, "{}", { redrive: 2 }, 77)], 40)).toEqual([
    {
      header: {
        sub: 3,
        epoch: 2,
        generation: 5,
        first: 40,
        events: [
          [8, 1_008],
          [9, 1_009, 0, 1],
          [10, 1_010, 0, 0, 2, 77],
        ],
      },
      bodies: ['{"a":1}', '{"b":2}', "{}"],
    },
  ]);
});

test("what does not fit in one frame goes in several, and tokens go on", () => {
  const body = JSON.stringify("x".repeat(limits.deliverBytesMax / 2));
  const frames = framesOf([item(1, body), item(2, body), item(3, "{}")], 10);
  expect(frames.map(({ header }) => [header.first, header.events.length])).toEqual([
    [10, 1],
    [11, 2],
  ]);
});
