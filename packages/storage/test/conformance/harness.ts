/** What every part of the suite needs: a storage that can be opened again. */
import { onTestFinished } from "vitest";
import type { Storage } from "../../src/port.ts";

/** Small limits, so that what is rare happens all the time. */
export type OpenOptions = { queueEventsMax?: number; wallMs?: () => number };
export type Opened = {
  storage: Storage;
  /** Closes it and opens the same data again; only asked of a durable storage. */
  reopen(): Promise<Storage>;
  close(): Promise<void>;
};
export type Open = (options?: OpenOptions) => Promise<Opened>;
/** `durable`: what is confirmed is there after it was opened again. `exactTrim`: it trims to the event. */
export type Capabilities = { durable: boolean; exactTrim: boolean };

export type Suite = { open(options?: OpenOptions): Promise<Opened>; durable: boolean; exactTrim: boolean };

export function suiteOf(open: Open, capabilities: Capabilities): Suite {
  return {
    ...capabilities,
    async open(options) {
      const opened = await open(options);
      onTestFinished(() => opened.close());
      return opened;
    },
  };
}
