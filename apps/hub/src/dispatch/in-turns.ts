/** Together they take less than a millisecond, and events are waiting. */
const AT_ONCE = 256;

/** Visits so many in a turn of the loop: to look at a hundred thousand subscriptions in one kept all events waiting for 30 ms. */
export async function inTurns<T>(all: Iterable<T>, visit: (one: T) => void): Promise<void> {
  let visited = 0;
  for (const one of all) {
    if (visited === AT_ONCE) {
      visited = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    visited += 1;
    visit(one);
  }
}
