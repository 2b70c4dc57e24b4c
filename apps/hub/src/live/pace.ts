import { limits } from "@waybill/events";
import { TokenBucket } from "../edge/token-bucket.ts";

const rate = { capacity: limits.livePerSecondMax, perSecond: limits.livePerSecondMax };

/** What a socket says live goes to many: beyond its pace it is dropped, or refused where somebody waits for an answer. */
export class Pace {
  #bucket: TokenBucket | null = null;

  mayPass(nowMs: number = performance.now()): boolean {
    this.#bucket ??= new TokenBucket(rate, nowMs);
    return this.#bucket.take(nowMs);
  }
}
