/**
 * V8 goes on compiling the code of hub and clients until so many events have passed: the first tenth of them goes at half of the speed. A hub runs for
 * days, so these come before those that count.
 */
export const WARM_EVENTS = 200_000;
