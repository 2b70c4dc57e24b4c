import { statfsSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type HubInfo, limits, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from "@waybill/events";
import { programVersion } from "@waybill/options";
import type { Storage } from "@waybill/storage";
import type { HubClock } from "../hub-parts.ts";
import type { Measured } from "./gauges.ts";
import type { Metrics } from "./metrics.ts";

/** Resolution of the event loop's clock; what it measures has this much too much. */
const LOOP_MS = 20;
const NS_PER_MS = 1e6;

/** All of `hub:info` but what a session knows. */
export type HubReport = Omit<HubInfo, "draining" | "lastBackup" | "you">;

export type HubReportParts = {
  storage: Storage;
  clock: HubClock;
  metrics: Metrics;
  measured: () => Promise<Measured>;
  settings: () => Omit<HubInfo["settings"], "deadLettersMax">;
  dataDir: string;
  wallMs: () => number;
};

/** How the hub is. Whoever asks gets what was measured last, unless that is old. */
export function createHubReport(parts: HubReportParts): { report(): Promise<HubReport>; close(): void } {
  const { storage, clock, metrics, settings, wallMs } = parts;
  const bornMs = performance.now();
  const version = programVersion();
  const loop = monitorEventLoopDelay({ resolution: LOOP_MS });
  loop.enable();
  let loopDelayMs = { p99: 0, max: 0 };
  const lookAtLoop = () => {
    if (loop.count === 0) return;
    const late = (ns: number) => Math.max(0, Math.round((ns / NS_PER_MS - LOOP_MS) * 10) / 10);
    loopDelayMs = { p99: late(loop.percentile(99)), max: late(loop.max) };
    loop.reset();
  };
  const looking = setInterval(lookAtLoop, 1_000);
  looking.unref();

  return {
    async report() {
      const [{ gauges, busiest }, { connections, ...counters }, { ballastReleased }] = await Promise.all([
        parts.measured(),
        metrics.counts(),
        storage.stats(),
      ]);
      const { storageId, epoch, format } = storage.info;
      const rssBytes = process.memoryUsage.rss();
      const diskFreeBytes = format === 0 ? null : freeBytesOf(parts.dataDir);
      return {
        version,
        protocol: { min: PROTOCOL_VERSION_MIN, max: PROTOCOL_VERSION },
        node: process.version,
        storageId,
        epoch,
        format,
        uptimeMs: performance.now() - bornMs,
        hubTimeMs: clock.nowMs(),
        wallMs: wallMs(),
        connections,
        counters,
        gauges: { ...gauges, rssBytes, loopDelayMs, diskFreeBytes },
        settings: { ...settings(), deadLettersMax: limits.deadLettersMax },
        busiest,
        ballastReleased,
      };
    },
    close() {
      clearInterval(looking);
      loop.disable();
    },
  };
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
