import { HubError } from "@waybill/events";
import type { Receipts } from "./receipts.ts";
import type { Processed, Published, PublishOptions } from "./types.ts";

type Stored = Extract<Published, { offset: number }>;

/** Waits on from `stored`. Late, it resolves with what is known; an event of which the hub no longer knows where it lies cannot be asked about. */
export function untilProcessed(
  receipts: Receipts,
  stored: Stored,
  { withinMs, signal }: Pick<PublishOptions, "withinMs" | "signal">,
): Promise<Processed> {
  if (stored.offset === 0) return Promise.resolve(stored);
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const cancel = (): void => {
      done();
      reject(new HubError("CANCELLED", "The caller's signal fired. The event is stored; `receipt` asks later.", { cause: signal?.reason }));
    };
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      stop.abort();
    };
    const late = (): void => {
      done();
      resolve(stored);
    };
    const timer = withinMs === undefined ? undefined : setTimeout(late, Math.max(0, withinMs));
    signal?.addEventListener("abort", cancel, { once: true });
    receipts.outcome(stored, stop.signal).then(
      (outcome) => {
        done();
        resolve({ ...stored, outcome });
      },
      (error: Error) => {
        done();
        reject(error);
      },
    );
    if (signal?.aborted) cancel();
  });
}
