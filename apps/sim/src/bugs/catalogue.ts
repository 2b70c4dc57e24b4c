/** The planted bugs, as in chaos and beyond it: what each does. The shipped sources contain no switch; parts of them are wrapped or replaced. */
export const bugs = {
  "ack-before-commit": "the hub confirms what it will sync some hundred milliseconds later",
  "no-dedup": "a repeat is stored again",
  "dedup-window-too-short": "only the last few events of a producer are recognised when they come again",
  "partial-batch-ack": "the last event of a batch is confirmed and not stored",
  "dead-letter-dropped": "an event whose attempts are used up is settled instead of being kept",
  "delay-lost-when-read": "an event that is read from history, as after a restart, has lost its `notBefore`",
  "swap-in-retry": "an event that is offered again changes places with the next of its parcel",
  "wall-clock-ttl": "leases and back-offs follow the wall clock",
  "outbox-deleted-before-ack": "the outbox forgets an event when it is sent, not when it is confirmed",
  "republish-under-new-id": "what is left in the outbox is published by a new producer after each start",
  "handled-again": "the SDK does not remember what it has handled",
  "no-hold-after-failure": "the SDK starts what stands behind a failed event of its parcel",
  "never-sent-again": "the SDK does not send again what a lost connection left unanswered",
} as const;

export type BugName = keyof typeof bugs;
export const isBugName = (name: string): name is BugName => Object.hasOwn(bugs, name);
export const bugNames = Object.keys(bugs).filter(isBugName);

let planted: BugName | null = null;

/** The bug of this process; null: none. */
export const plantedBug = (): BugName | null => planted;

export function plant(bug: BugName | null): void {
  planted = bug;
}
