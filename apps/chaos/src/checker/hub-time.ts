/**
 * Does hub time go as true time does? By it leases, back-offs and retention end, so it may follow no wall clock: in one life of
 * the hub it advances just as the judge's own monotonic clock, over a restart by a day at most, and back by no more than
 * a kill leaves unsaved.
 */
import type { Findings } from "./findings.ts";

/** One look: the hub read its time between `askedMs` and `toldMs` of the judge's clock. `life`: one higher with each start. */
export type HubTimeLook = { life: number; hubMs: number; askedMs: number; toldMs: number };

/** Saved once a second, later where a full disk or a stopped process holds that up. */
const UNSAVED_MS_MAX = 60_000;
const RESTART_MS_MAX = 24 * 3_600_000;
/** Two clocks that are read one after the other, and rounded. */
const ROUGHLY_MS = 500;

export function judgeHubTime(looks: readonly HubTimeLook[], findings: Findings): void {
  for (const [index, look] of looks.entries()) {
    const before = looks[index - 1];
    if (before === undefined) continue;
    const advanced = look.hubMs - before.hubMs;
    const starts = look.life - before.life;
    const least = starts === 0 ? look.askedMs - before.toldMs : -UNSAVED_MS_MAX;
    const most = look.toldMs - before.askedMs + starts * RESTART_MS_MAX;
    if (advanced >= least - ROUGHLY_MS && advanced <= most + ROUGHLY_MS) continue;
    const trueMs = Math.round(look.toldMs - before.askedMs);
    findings.addSign("hub time", "I8", `Hub time went by ${advanced} ms in ${trueMs} ms, over ${starts} starts of the hub.`);
  }
}
