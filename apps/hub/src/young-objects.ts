import { setFlagsFromString } from "node:v8";

/**
 * Lets nothing be made among what is old. V8 does that, to save copying it, with objects from places in the code whose objects mostly outlive a
 * collection of what is young, as an event's do where many are under way. But milliseconds later they are garbage: among what is old that is found
 * out only when all is looked through, and until then all that they refer to is kept, copied twice, and comes to be old as well. A collection found
 * eight times as much alive as was under way. For all threads of the process; before there is much to do.
 */
export function keepObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
