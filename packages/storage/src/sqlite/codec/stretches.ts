/** Bytes that are copied when all of them are known: what lies side by side where it comes from goes over in one copy. */
import { copyRange } from "./bytes.ts";

export class Stretches {
  private readonly sources: Uint8Array[] = [];
  /** From and to of each. */
  private readonly ranges: number[] = [];
  /** Of all since the last `clear`. */
  bytes = 0;

  add(source: Uint8Array, from: number, to: number): void {
    this.bytes += to - from;
    const { sources, ranges } = this;
    const end = ranges.length - 1;
    if (end > 0 && ranges[end] === from && sources[sources.length - 1] === source) ranges[end] = to;
    else {
      sources.push(source);
      ranges.push(from, to);
    }
  }

  /** To this position, where there is room for all of them. */
  copyTo(target: Uint8Array, position: number): void {
    const { ranges } = this;
    let at = position;
    let next = 0;
    for (const source of this.sources) {
      const from = ranges[next++] ?? 0;
      const to = ranges[next++] ?? 0;
      copyRange.call(source, target, at, from, to);
      at += to - from;
    }
  }

  clear(): void {
    this.sources.length = this.ranges.length = 0;
    this.bytes = 0;
  }
}
