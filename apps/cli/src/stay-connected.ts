import { type Admin, createAdmin, HubError } from "@waybill/client";
import type { AdminOptions } from "./admin-options.ts";
import { pause } from "./pause.ts";
import { tokenOf } from "./with-admin.ts";

/** First and greatest wait between two tries to reach a hub that went away. */
const WAIT_MS = 250;
const WAIT_MS_MAX = 2_000;

export type StayConnected = {
  options: AdminOptions;
  signal: AbortSignal;
  /** One line for whoever watches: the hub went away, or it is back. */
  tell: (line: string, isAway: boolean) => void;
};

/**
 * Does work that lasts over as many connections as it takes, until it returns or the signal comes. Throws when the first connection
 * cannot be made, and what the hub refuses for good.
 */
export async function stayConnected({ options, signal, tell }: StayConnected, work: (admin: Admin) => Promise<void>): Promise<void> {
  let wasConnected = false;
  for (let failures = 0; ; ) {
    try {
      const token = await tokenOf(options);
      await using admin = await createAdmin({ url: options.url, token, answerMs: options.timeoutMs, signal });
      if (failures > 0) tell("The hub is back; going on.", false);
      wasConnected = true;
      failures = 0;
      return await work(admin);
    } catch (error) {
      if (signal.aborted) return;
      if (!wasConnected || !(error instanceof HubError) || error.retry === "never") throw error;
      if (failures === 0) tell(`The hub is away (${error.code}); waiting for it.`, true);
      failures += 1;
      await pause(Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** (failures - 1)), signal);
    }
  }
}
