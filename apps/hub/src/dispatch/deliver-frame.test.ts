import { encodeFrame } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { expect, test } from "vitest";
import { alone } from "../edge/bytes-event.ts";
import { DeliverFrame, deliversText, deliverText, partText } from "./deliver-frame.ts";

/** `[offset, recordedAt, failed, interrupted, redrive, homeOffset]` */
const rows = [0, 1, 7].flatMap((last, at) =>
  [0, 1].flatMap((failed) =>
    [0, 2].flatMap((interrupted) =>
      [0, 3].map((redrive) => [2 ** (at * 15), 1_764_000_000_123 + failed, failed, interrupted, redrive, last]),
    ),
  ),
);

const itemOf = ([offset, recordedAtMs, failed, interrupted, redrive, homeOffset]: number[]): DeliveryItem =>
  ({ entry: { offset, recordedAtMs, ref: { homeOffset } }, failed, interrupted, redrive }) as unknown as DeliveryItem;

function shortened(values: readonly number[]): number[] {
  const last = values.findLastIndex((value, index) => index < 2 || value > 0);
  return values.slice(0, last + 1);
}

test("a frame's header is what JSON says of it, whatever its rows", () => {
  const parts = [rows, rows.slice(0, 1), rows.toReversed()];
  const heads = parts.map((_, index) => ({ sub: index + 1, generation: 3, first: 40 + index }));
  const texts = heads.map((head, index) => partText(head, (parts[index] ?? []).map(itemOf), "each"));
  const whole = heads.map((head, index) => ({ ...head, events: (parts[index] ?? []).map(shortened) }));
  expect(deliversText(2, texts)).toBe(JSON.stringify({ epoch: 2, parts: whole }));
  expect(deliverText(2, texts[0] ?? "")).toBe(JSON.stringify({ epoch: 2, ...whole[0] }));
});

test("events that only go on from the one before are counted, where the frame may have it", () => {
  const timeOf = (commit: number) => 1_764_000_000_000 + commit;
  const row = (offset: number, commit: number, failed = 0) => [offset, timeOf(commit), failed, 0, 0, 0];
  const items = [row(4, 1), row(5, 1), row(6, 1), row(7, 2), row(9, 2), row(10, 2), row(11, 2, 1), row(12, 2), row(12, 2)].map(itemOf);
  const { events } = JSON.parse(partText({ sub: 1, generation: 1, first: 1 }, items, "runs"));
  expect(events).toEqual([[4, timeOf(1)], [2], [7, timeOf(2)], [9, timeOf(2)], [1], [11, timeOf(2), 1], [1], [12, timeOf(2)]]);
});

test("its events stand behind it, a line each, as in any frame", () => {
  const bodies = ["{}", '{"note":"für Ana 🚚"}', ""].map((text) => Buffer.from(text));
  const header = { epoch: 2, parts: [] };
  expect(Buffer.from(alone(new DeliverFrame(JSON.stringify(header), bodies)))).toEqual(Buffer.from(encodeFrame(header, bodies)));
});
