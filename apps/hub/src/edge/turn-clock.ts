let ms = 0;
let isKnown = false;

/**
 * The process's monotonic clock in ms, looked at once for all that is heard in one go: a chunk of a connection brings hundreds of packets, and a look
 * at the clock for each cost as much as to find whom it is for.
 */
export function turnMs(): number {
  if (isKnown) return ms;
  ms = performance.now();
  isKnown = true;
  queueMicrotask(forget);
  return ms;
}

function forget(): void {
  isKnown = false;
}
