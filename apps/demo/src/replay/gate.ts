/**
 * How far into the day the stores may go. A run with kills must not be over before its kills are: the replay opens the gate
 * only a little beyond the next one, so that each meets a hub, drivers and vendors at work.
 */
export type Gate = {
  /** Parcels with a place below `places` may be asked for. Never closes again. */
  open(places: number): void;
  passed(place: number): Promise<void>;
};

export function createGate(): Gate {
  let places = 0;
  let moved = Promise.withResolvers<void>();
  return {
    open(to) {
      places = Math.max(places, to);
      moved.resolve();
      moved = Promise.withResolvers();
    },
    async passed(place) {
      while (place >= places) await moved.promise;
    },
  };
}

/** How many parcels of the day have `events` events together, in the order of the day. */
export function placesFor(plan: readonly { steps: readonly unknown[] }[], events: number): number {
  let sum = 0;
  for (const [place, { steps }] of plan.entries()) {
    if (sum >= events) return place;
    sum += steps.length;
  }
  return plan.length;
}
