import { setFlagsFromString } from "node:v8";

setFlagsFromString("--allow-natives-syntax");

/**
 * Runs all microtasks to their end, now. Going back to Node's loop does the same and costs a hundred times as much; a schedule
 * has some thousand tasks. Works only where no microtask runs: the world's loop is called from a task of Node's own.
 */
export const drainMicrotasks: () => void = new Function("%PerformMicrotaskCheckpoint()") as () => void;
