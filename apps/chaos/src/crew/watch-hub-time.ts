/** Asks the hub once a second for its time, and notes the judge's own monotonic clock before and after. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAdmin } from "@waybill/client";
import type { HubTimeLook } from "../checker/hub-time.ts";

const LOOK_MS = 1_000;
const ANSWER_MS = 5_000;

export type HubTimeWatch = { readonly looks: readonly HubTimeLook[]; stop(): void };

export function watchHubTime(operator: { url: string; token: string }): HubTimeWatch {
  const looks: HubTimeLook[] = [];
  let isStopped = false;

  async function watch(): Promise<void> {
    while (!isStopped) {
      try {
        await using admin = await createAdmin({ ...operator, answerMs: ANSWER_MS });
        while (!isStopped) {
          const askedMs = performance.now();
          const { epoch, hubTimeMs } = await admin.hub();
          looks.push({ life: epoch, hubMs: hubTimeMs, askedMs, toldMs: performance.now() });
          await sleep(LOOK_MS);
        }
      } catch {
        await sleep(LOOK_MS); // The hub is away, or its disk cannot tell just now.
      }
    }
  }
  void watch();

  return {
    looks,
    stop: () => {
      isStopped = true;
    },
  };
}
