import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** So many events a second, and collections cost more than the memory is worth. */
const BUSY_PER_SECOND = 1_000;
/** V8 hardly doubles it twice in that time. */
const LOOK_MS = 100;
const QUIET_BYTES_MAX = 64 * 1_048_576;
/** By how much V8 multiplies it. */
const DOUBLED = 2;
const NO_MORE = 1;

/**
 * Lets nothing be made among what is old. V8 does that, to save copying it, with objects from places in the code whose objects mostly outlive a
 * collection of what is young, as an event's do where many are under way. But milliseconds later they are garbage: among what is old that is found
 * out only when all is looked through, and until then all that they refer to is kept, copied twice, and comes to be old as well. A collection found
 * eight times as much alive as was under way. For all threads of the process; before there is much to do.
 */
export function keepObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}

/**
 * Lets the space for what is young grow to 64 MB, and further only once `passed`, the events that went through so far, grows fast. V8 doubles it, up to
 * 128 MB, whenever much outlives a collection, and gives nothing back. While events pass that spares the hub a twentieth of its processor time; but
 * thousands of vendors that only connect outlive all collections as well. Stops looking with the returned function.
 */
export function growYoungSpaceUnderLoad(passed: () => number): () => void {
  let before = passed();
  const looking = setInterval(() => {
    const now = passed();
    const isBusy = now - before >= (BUSY_PER_SECOND * LOOK_MS) / 1_000;
    before = now;
    if (!isBusy && youngBytes() < QUIET_BYTES_MAX) return;
    setFlagsFromString(`--semi-space-growth-factor=${isBusy ? DOUBLED : NO_MORE}`);
    if (isBusy) clearInterval(looking);
  }, LOOK_MS);
  looking.unref();
  return () => clearInterval(looking);
}

/** Room for what is young, used or not. */
export const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
