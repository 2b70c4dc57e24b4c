import type { Readable } from "node:stream";

export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** What the work comes to, or `undefined` when the signal fires first; the work's own end is then nobody's business. */
export async function untilStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The stream's bytes until it ends or the signal fires: a stop is an end, not an error. */
export async function* readUntilStopped(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Fires so long after the other: how long a stop may take. */
export function afterSignal(signal: AbortSignal, delayMs: number): AbortSignal {
  const late = new AbortController();
  const start = (): void => void setTimeout(() => late.abort(), delayMs).unref();
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return late.signal;
}
