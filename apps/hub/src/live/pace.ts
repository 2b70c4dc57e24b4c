import { limits } from "@waybill/events";
import { createTokenBucket } from "../edge/token-bucket.ts";

/** What a socket says live goes to many: beyond its pace it is dropped, or refused where somebody waits for an answer. */
export function createPace(monotonicMs: () => number = () => performance.now()): () => boolean {
  const bucket = createTokenBucket({ capacity: limits.livePerSecondMax, perSecond: limits.livePerSecondMax, nowMs: monotonicMs() });
  return () => bucket.take(monotonicMs());
}
