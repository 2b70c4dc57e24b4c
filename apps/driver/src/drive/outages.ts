import type { Chance } from "./chance.ts";
import type { DayClock } from "./day-clock.ts";
import type { Forwarder } from "./forwarder.ts";

export type OutageOptions = {
  network: Pick<Forwarder, "cut" | "restore">;
  /** Mean time between two losses, in seconds of the day. */
  everyS: number;
  chance: Chance;
  clock: DayClock;
  onLost(forS: number): void;
};

const SHORTEST_S = 20;
const LONGEST_S = 300;

/** Takes the driver's network away now and then, for some minutes of the day, until the clock is stopped. */
export async function runOutages({ network, everyS, chance, clock, onLost }: OutageOptions): Promise<void> {
  while (await clock.sleep(chance.around(everyS))) {
    const forS = Math.round(chance.between(SHORTEST_S, LONGEST_S));
    network.cut();
    onLost(forS);
    await clock.sleep(forS);
    network.restore();
  }
}
