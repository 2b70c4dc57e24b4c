/** Stands where the engine expects what it knows of those who passed: that itself, or one that is woken by nothing, and looks at nothing when somebody leaves. */
import * as shipped from "@waybill/queue/src/passed.ts";
import { plantedBug } from "./catalogue.ts";

const isPlanted = (): boolean => plantedBug() === "passed-and-never-asked-again";

export const askAgainLater: typeof shipped.askAgainLater = (...asked) => {
  if (!isPlanted()) shipped.askAgainLater(...asked);
};

export const oneLess: typeof shipped.oneLess = (state) => {
  if (!isPlanted()) shipped.oneLess(state);
};

export const passed: typeof shipped.passed = (state, item, consumer) => {
  shipped.passed(state, item, consumer);
  if (isPlanted()) state.timers.keep((timer) => !("round" in timer));
};
