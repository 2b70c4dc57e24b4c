import { HubError } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { Link } from "./link.ts";

const ASK_FOR_MS = 60_000;

/**
 * Asks until the hub answers, over as many connections as it takes: for requests whose repeats the hub recognises.
 * Throws what the hub refuses for good, CLOSED, and TIMED_OUT after a minute.
 */
export async function askUntil<T>(connection: Connection, ask: (link: Link) => Promise<T>): Promise<T> {
  const until = performance.now() + ASK_FOR_MS;
  for (let failures = 0; ; failures += 1) {
    if (connection.status === "closed") throw new HubError("CLOSED", "The client was closed; nothing can be asked any more.");
    try {
      if (connection.link !== null) return await ask(connection.link);
    } catch (error) {
      if (!(error instanceof HubError) || error.retry === "never" || performance.now() > until) throw error;
    }
    if (performance.now() > until) throw new HubError("TIMED_OUT", "The hub was not reached within a minute.");
    await new Promise((resolve) => setTimeout(resolve, backoffMs(failures, 50, 2_000)));
  }
}
