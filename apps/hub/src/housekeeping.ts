import type { Storage } from "@waybill/storage";
import type { HubClock, Proof } from "./hub-parts.ts";

const EVERY_MS = 60_000;

/** Trims settled history by age and number; what `main` has not settled stays whatever its age. Stops with the returned function. */
export function startHousekeeping(parts: {
  storage: Storage;
  clock: HubClock;
  proof: Proof;
  retentionMs: number;
  retentionEventsMax: number;
}): () => void {
  const { storage, clock, proof } = parts;
  let isTrimming = false;
  const trim = async () => {
    if (isTrimming) return;
    isTrimming = true;
    try {
      await storage.trim({ beforeMs: clock.nowMs() - parts.retentionMs, queueEventsMax: parts.retentionEventsMax });
    } catch (error) {
      proof.fault("settled history could not be trimmed; it is tried again in a minute", error);
    } finally {
      isTrimming = false;
    }
  };
  const timer = setInterval(() => void trim(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
