/** Together they take less than a millisecond, and events are waiting. */
const AT_ONCE = 256;

/**
 * Visits so many in a turn of the loop: to look at a hundred thousand subscriptions in one kept all events waiting for 30 ms. `visit` may answer
 * how many looks more it was.
 */
export async function inTurns<T>(all: Iterable<T>, visit: (one: T) => number | undefined): Promise<void> {
  let looks = 0;
  for (const one of all) {
    if (looks >= AT_ONCE) {
      looks = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    looks += 1 + (visit(one) ?? 0);
  }
}
