import type { Driver } from "@waybill/client";
import { benchEvent, sourceName } from "./bench-event.ts";

const WINDOW = 256;

/** Publishes of one producer into one store, whatever becomes of the hub meanwhile. */
export type Publishing = {
  readonly phase: string;
  /** Resolves when so many more are confirmed; as many as the window holds are under way by then. */
  go(events: number): Promise<void>;
  /** Resolves when all that was published is confirmed. */
  settled(): Promise<void>;
  count(): number;
  expected(): Record<string, number>;
};

export function createPublishing(driver: Driver, { store, bytes }: { store: number; bytes: number }): Publishing {
  const phase = "published";
  const source = sourceName(phase, 0, store);
  const underWay = new Set<Promise<unknown>>();
  let published = 0;
  let confirmed = 0;

  const publish = (): void => {
    const one: Promise<unknown> = driver.publish(benchEvent(source, published, { store, bytes })).then(() => {
      confirmed += 1;
      underWay.delete(one);
    });
    published += 1;
    underWay.add(one);
  };

  return {
    phase,
    async go(events) {
      for (const goal = confirmed + events; confirmed < goal; ) {
        while (underWay.size < WINDOW) publish();
        await Promise.race(underWay);
      }
    },
    async settled() {
      await Promise.all(underWay);
    },
    count: () => published,
    expected: () => ({ [source]: published }),
  };
}
