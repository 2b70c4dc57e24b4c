import { type DestinationStream, destination, type Logger, pino } from "pino";
import { prettyFactory } from "pino-pretty";
import { clean, cleanDetail } from "./clean.ts";
import { sentence } from "./sentences.ts";

export type LogMode = "pretty" | "json" | "silent";

/** What may wait for a reader of the log that is slow; beyond, lines are dropped rather than memory taken. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;

export type Log = {
  readonly logger: Logger;
  /** Writes out what waits. */
  flush(): void;
};

/** One JSON object per line, or sentences for a person. `to` is for tests; by default standard output. */
export function createLog(options: { mode: LogMode; isColor: boolean; to?: DestinationStream }): Log {
  const out = destination({ fd: 1, sync: false, maxLength: WAITING_BYTES_MAX });
  const to = options.to ?? out;
  const stream = options.mode === "pretty" ? prettyStream(to, options.isColor) : to;
  const logger = pino(
    {
      base: null,
      level: options.mode === "silent" ? "silent" : "info",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: cleanDetail },
      redact: { paths: ["token", "auth", "key", "*.token", "*.auth"], censor: "[redacted]" },
    },
    stream,
  );
  return { logger, flush: () => flushQuietly(out) };
}

function prettyStream(to: DestinationStream, isColor: boolean): DestinationStream {
  const format = prettyFactory({
    colorize: isColor,
    hideObject: true,
    ignore: "level",
    translateTime: "SYS:HH:MM:ss",
    messageFormat: (line, messageKey) => clean(sentence(String(line[messageKey]), line)),
  });
  return { write: (line) => to.write(format(line)) };
}

/** A pipe that nobody reads any more is no reason to fail while leaving. */
function flushQuietly(out: ReturnType<typeof destination>): void {
  try {
    out.flushSync();
  } catch {}
}
