import type { Output } from "../output.ts";
import type { TimedEvent } from "./parcel-row.ts";
import type { ReplayCounts } from "./replay-events.ts";

export type Progress = { show(counts: ReplayCounts, last: TimedEvent): void; end(): void };

const TERMINAL_EVERY_MS = 200;
const JSON_EVERY_MS = 1_000;

/** How far it is: one line that is written over on a terminal, else a JSON line each second. */
export function createProgress(stream: NodeJS.WriteStream, out: Output, now: () => number = () => performance.now()): Progress {
  const onTerminal = stream.isTTY && !out.json;
  let dueMs = 0;
  return {
    show(counts, last) {
      if (now() < dueMs || (!onTerminal && !out.json)) return;
      dueMs = now() + (onTerminal ? TERMINAL_EVERY_MS : JSON_EVERY_MS);
      const at = last.event.at ?? "";
      if (onTerminal)
        stream.write(`\r${at.slice(0, 10)}  ${counts.published} published, ${counts.stored} stored, ${counts.refused} refused\u001b[K`);
      else void out.say("", { what: "progress", at, ...counts });
    },
    end() {
      if (onTerminal) stream.write("\r\u001b[K");
    },
  };
}
