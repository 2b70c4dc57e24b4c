/**
 * What waits for long keeps no more than itself. As it came, a body is a part of a frame, or of a run that was read, and keeps all of that: of a store
 * whose vendor hangs thousands of events may be in memory, each of them one of a hundred in its frame.
 */
import type { Engine } from "@waybill/queue";
import { QueuedEvent } from "./entry.ts";

/** Together a millisecond or two; the others have their turn with the next sweep. */
const COPIES_MAX = 2_048;
/** Small bodies lie together in as much: Node's own slabs are as large as frames. */
const SLAB_BYTES = 8_192;

/** Answers how many it copied. */
export function keepAlone(engine: Engine): number {
  let copied = 0;
  let slab = Buffer.alloc(0);
  let at = 0;
  for (const entry of engine.entries()) {
    if (copied === COPIES_MAX) break;
    if (!(entry instanceof QueuedEvent) || isAlone(entry.body)) continue;
    const { length } = entry.body;
    if (at + length > slab.length) {
      slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
      at = 0;
    }
    slab.set(entry.body, at);
    entry.body = slab.subarray(at, at + length);
    at += length;
    copied += 1;
  }
  return copied;
}

const isAlone = (body: Uint8Array): boolean => body.buffer.byteLength <= Math.max(SLAB_BYTES, 2 * body.length);
