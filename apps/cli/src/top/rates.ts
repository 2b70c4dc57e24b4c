import type { HubCounters, HubInfo } from "@waybill/client";

export type Rates = { [K in keyof HubCounters]: number };

/** Per second between two answers of one hub; `null` where they are of two lives, or of one moment. */
export function ratesBetween(before: HubInfo | null, now: HubInfo): Rates | null {
  if (before === null || before.epoch !== now.epoch || before.storageId !== now.storageId) return null;
  const seconds = (now.uptimeMs - before.uptimeMs) / 1_000;
  if (seconds <= 0) return null;
  const rate = (name: keyof HubCounters): number => Math.max(0, (now.counters[name] - before.counters[name]) / seconds);
  return {
    published: rate("published"),
    stored: rate("stored"),
    duplicates: rate("duplicates"),
    refused: rate("refused"),
    appended: rate("appended"),
    delivered: rate("delivered"),
    settled: rate("settled"),
    failed: rate("failed"),
  };
}
