import type { Driver } from "@waybill/client";
import { createChance } from "./chance.ts";
import type { DayClock } from "./day-clock.ts";

export type PositionOptions = {
  driver: Pick<Driver, "position">;
  /** The parcel on top, if any. */
  carrying(): string | undefined;
  clock: DayClock;
  seed: string;
};

const EVERY_MS = 500;
/** Around 30 km/h, in degrees. */
const STEP_DEGREES = 0.000_04;
const START = { lat: 45.76, lng: 4.83 };

/** Sends where the driver is, twice a second, wandering through a town; until the clock stops. What is lost is lost. */
export function sendPositions({ driver, carrying, clock, seed }: PositionOptions): Promise<void> {
  const chance = createChance(`${seed}/way`);
  const at = { lat: START.lat + chance.between(-0.05, 0.05), lng: START.lng + chance.between(-0.05, 0.05) };
  let heading = chance.between(0, 2 * Math.PI);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    heading += chance.between(-0.5, 0.5);
    at.lat += Math.cos(heading) * STEP_DEGREES;
    at.lng += Math.sin(heading) * STEP_DEGREES;
    const parcel = carrying();
    driver.position({ lat: round(at.lat), lng: round(at.lng), ...(parcel === undefined ? {} : { parcel }) });
  }, EVERY_MS);
  const stop = (): void => {
    clearInterval(timer);
    resolve();
  };
  if (clock.signal.aborted) stop();
  else clock.signal.addEventListener("abort", stop, { once: true });
  return promise;
}

/** Six digits are a hand's breadth. */
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
