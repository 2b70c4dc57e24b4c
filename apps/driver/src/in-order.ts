export type InOrderOptions<T, R> = {
  /** Called as items come; must not throw. */
  start(item: T): Promise<R>;
  /** Called in the order of the items, each as soon as it and all before it have a result. */
  done(result: R): void | Promise<void>;
  /** Items that are under way at once. */
  inFlightMax: number;
};

/** Many items under way at once, their results in the order of the source. Rejects when `done` or the source fails. */
export async function inOrder<T, R>(source: AsyncIterable<T>, options: InOrderOptions<T, R>): Promise<void> {
  let inFlight = 0;
  let failed = false;
  let roomMade = Promise.withResolvers<void>();
  let reported = Promise.resolve();

  for await (const item of source) {
    while (inFlight >= options.inFlightMax && !failed) {
      roomMade = Promise.withResolvers();
      await roomMade.promise;
    }
    if (failed) break;
    inFlight += 1;
    const result = options.start(item);
    reported = reported.then(async () => {
      await options.done(await result);
      inFlight -= 1;
      roomMade.resolve();
    });
    reported.catch(() => {
      failed = true;
      roomMade.resolve();
    });
  }
  await reported;
}
