import type { Processed, Publisher } from "@waybill/client";
import { type HubErrorBody, limits, type ParcelEvent, toHubError } from "@waybill/events";
import { inOrder } from "../in-order.ts";
import { outboxRoom } from "../outbox-room.ts";
import { type Line, readLines } from "./lines.ts";
import { parseEvent, tooLarge } from "./parse-event.ts";

/** What became of one line. `unknown`: stopped before the hub answered; only a durable outbox sends it later. */
export type LineResult = { line: number } & (Processed | { outcome: "refused"; error: HubErrorBody } | { outcome: "unknown"; id: string });

export type PublishLinesOptions = {
  source: AsyncIterable<Uint8Array>;
  publisher: Pick<Publisher, "publish" | "outbox">;
  /** Called once per line, in the order of the input. */
  onResult(result: LineResult): void | Promise<void>;
  /** Stops the waiting for the hub's answers. To stop the reading, end the source. */
  signal: AbortSignal;
  /** The time of an event that has none, ISO with its zone. */
  now(): string;
  /** Wait until the store has processed it. */
  wait?: "stored" | "processed";
  /** A line that is not confirmed by then is reported as in the outbox. Default: wait. */
  withinMs?: number;
  /** Lines that wait for their confirm at once. */
  inFlightMax?: number;
};

export type LineCounts = { lines: number; stored: number; inOutbox: number; dead: number; refused: number; unknown: number };

/** Twice the largest event: room for blanks and escapes. A longer line is not worth parsing. */
const LINE_BYTES_MAX = 2 * limits.eventBytesMax;

/** Publishes NDJSON, one event a line, in its order. A bad line is refused alone. */
export async function publishLines(options: PublishLinesOptions): Promise<LineCounts> {
  const { publisher, signal, withinMs } = options;
  const publishOptions = withinMs === undefined ? { signal } : { signal, withinMs };
  const publish = (event: ParcelEvent): Promise<Processed> =>
    options.wait === "processed"
      ? publisher.publish(event, { ...publishOptions, wait: "processed" })
      : publisher.publish(event, publishOptions);
  const counts: LineCounts = { lines: 0, stored: 0, inOutbox: 0, dead: 0, refused: 0, unknown: 0 };

  const start = async (line: Line): Promise<LineResult> => {
    let id: string | null = null;
    try {
      if ("tooLong" in line) throw tooLarge();
      const event = parseEvent(line.text, options.now());
      id = event.id;
      return { line: line.number, ...(await publish(event)) };
    } catch (error) {
      const refusal = toHubError(error);
      if (refusal.code === "CANCELLED" && id !== null) return { line: line.number, outcome: "unknown", id };
      return { line: line.number, outcome: "refused", error: refusal.toBody() };
    }
  };
  const done = async (result: LineResult): Promise<void> => {
    counts.lines += 1;
    if (result.outcome === "refused") counts.refused += 1;
    else if (result.outcome === "unknown") counts.unknown += 1;
    else if (result.outcome === "outbox") counts.inOutbox += 1;
    else if (result.outcome === "dead") counts.dead += 1;
    else counts.stored += 1;
    await options.onResult(result);
  };

  await inOrder(linesWithRoom(options), { start, done, inFlightMax: options.inFlightMax ?? 1_024 });
  return counts;
}

async function* linesWithRoom({ source, publisher, signal }: PublishLinesOptions): AsyncGenerator<Line> {
  for await (const line of readLines(source, LINE_BYTES_MAX)) {
    await outboxRoom(publisher, signal);
    yield line;
  }
}
