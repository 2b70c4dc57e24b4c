import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import type { Socket } from "socket.io";
import type { Identity } from "../auth/tokens.ts";
import type { EventRef } from "../dispatch/entry.ts";
import type { EdgeReport } from "../edge/socket-edge.ts";
import type { Proof } from "../hub-parts.ts";
import type { Detail } from "./clean.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { createRateWindow, type RateWindow } from "./rate-window.ts";

/** More of them in a second, and the next seconds are told in one line each. */
const LINES_PER_SECOND_MAX = 50;

type EventKind = "stored" | "settled" | "failed" | "stuck" | "buried";
type PeerKind = "connected" | "left";

export type ProofOfLife = Proof & EdgeReport & { say(message: string, detail: Detail): void; close(): void };

/**
 * The hub's proof of life: who came, who left and why, what happened to each event; and the counters of the same.
 * `monotonicMs` is the time of the rate windows only.
 */
export function createProof(parts: { log: Log; metrics: Metrics; monotonicMs?: () => number }): ProofOfLife {
  const { metrics, log } = parts;
  const { logger } = log;
  const monotonicMs = parts.monotonicMs ?? (() => performance.now());
  // Counted apart: a fleet that comes back does not hide the events, nor they a warning.
  const events = createRateWindow<EventKind>({ linesPerSecondMax: LINES_PER_SECOND_MAX });
  const peers = createRateWindow<PeerKind>({ linesPerSecondMax: LINES_PER_SECOND_MAX });
  const warnings = createRateWindow<string>({ linesPerSecondMax: LINES_PER_SECOND_MAX });

  const summarise = (summary: Detail | null) => {
    if (summary) logger.info(summary, "in the last second");
  };
  /** How many of them are said in a line of their own, the first ones. One look at the clock for all. */
  const linesFor = <K extends string>(window: RateWindow<K>, kind: K, count = 1): number => {
    const { lines, summary } = window.note(kind, monotonicMs(), count);
    summarise(summary);
    return lines;
  };
  const note = <K extends string>(window: RateWindow<K>, kind: K, line: () => void) => {
    if (linesFor(window, kind) > 0) line();
  };
  const ticking = setInterval(() => {
    for (const window of [events, peers, warnings]) summarise(window.tick(monotonicMs()));
  }, 1_000);
  ticking.unref();

  return {
    connected(socket, identity) {
      metrics.connected(identity.role);
      note(peers, "connected", () => logger.info({ ...who(socket, identity), sdk: socket.data.sdk }, "connected"));
    },
    left(socket, identity, why) {
      metrics.left(identity.role);
      note(peers, "left", () => logger.info({ ...who(socket, identity), why }, "left"));
    },
    published: metrics.published,
    stored(items, outcomes) {
      const count = countStored(metrics, items, outcomes);
      if (count === 0) return;
      let left = linesFor(events, "stored", count);
      for (let index = 0; left > 0 && index < items.length; index += 1) {
        const [item, outcome] = [items[index], outcomes[index]];
        if (item === undefined || "void" in item || outcome?.outcome !== "stored") continue;
        logger.info(lineOf(item, outcome), "stored");
        left -= 1;
      }
    },
    duplicates: metrics.duplicates,
    refused: metrics.refused,
    delivered: metrics.delivered,
    settled(queue, group, { how, entries, count }) {
      metrics.settled(group, how, count);
      if (entries.length === 0) return;
      const lines = linesFor(events, "settled", entries.length);
      if (lines === 0) return;
      for (const { type, key, offset, ref } of entries.slice(0, lines))
        logger.info({ type, parcel: key, queue, offset, group, how, id: idOf(ref) }, "settled");
    },
    failed(queue, group, effect) {
      const { entry, kind, outcome, reason, failed, interrupted, dueMs } = effect;
      metrics.failed(kind, outcome);
      const attempt = failed + interrupted;
      const againAt = outcome === "retry" ? new Date(dueMs).toISOString() : undefined;
      const detail = {
        type: entry.type,
        parcel: entry.key,
        queue,
        offset: entry.offset,
        group,
        id: idOf(entry.ref),
        kind,
        reason,
        attempt,
      };
      const message = outcome === "retry" ? "failed" : outcome;
      note(events, message, () => logger.warn({ ...detail, againAt }, message));
    },
    requestRefused: metrics.requestRefused,
    warn(message, detail = {}) {
      // Counted by what they say and by code: also a summary tells why.
      const kind = typeof detail.code === "string" ? `${message} ${detail.code}` : message;
      note(warnings, kind, () => logger.warn(detail, message));
    },
    fault: (message, error) => note(warnings, "faults", () => logger.error({ err: error }, message)),
    say: (message, detail) => logger.info(detail, message),
    close() {
      clearInterval(ticking);
      log.flush();
    },
  };
}

type Stored = Extract<AppendOutcome, { outcome: "stored" }>;

/** This is done for each event. */
function countStored(metrics: Metrics, items: readonly (AppendItem | VoidItem)[], outcomes: readonly AppendOutcome[]): number {
  let count = 0;
  let index = 0;
  for (const outcome of outcomes) {
    const item = items[index++];
    if (outcome.outcome !== "stored") continue;
    if (item?.from.kind === "hub") metrics.made(outcome.copyOffsets.length);
    else metrics.stored(outcome.copyOffsets.length);
    count += 1;
  }
  return count;
}

function lineOf({ type, parcel, home, id, from }: AppendItem, { offset, copyOffsets }: Stored): Detail {
  const by = from.kind === "numbered" ? from.producer : from.kind === "plain" ? from.subject : "the hub";
  return { type, parcel, queue: home, offset, copies: copyOffsets.length, id, by };
}

function who(socket: Socket, { role, subject, tenant }: Identity): Detail {
  const { remoteAddress, transport } = socket.conn;
  return { role, subject, tenant, address: remoteAddress, transport: transport.name, socket: socket.id };
}

const idOf = (ref: EventRef | unknown): string | undefined =>
  typeof ref === "object" && ref !== null && "id" in ref && typeof ref.id === "string" ? ref.id : undefined;
