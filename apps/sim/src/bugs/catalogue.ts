/** The planted bugs, as in chaos and beyond it: what each does. The shipped sources contain no switch; parts of them are wrapped or replaced. */
export const bugs = {
  "ack-before-commit": "the hub confirms what it will sync some hundred milliseconds later",
  "no-dedup": "a repeat is stored again",
  "dedup-window-too-short": "only the last few events of a producer are recognised when they come again",
  "partial-batch-ack": "the last event of a batch is confirmed and not stored",
  "dead-letter-dropped": "an event whose attempts are used up is settled instead of being kept",
  "delay-lost-when-read": "an event that is read from history, as after a restart, has lost its `notBefore`",
  "receipt-too-early": "a receipt says of an event that is only stored that it is handled",
  "swap-in-retry": "an event that is offered again changes places with the next of its parcel",
  "wall-clock-ttl": "leases and back-offs follow the wall clock",
  "outbox-deleted-before-ack": "the outbox forgets an event when it is sent, not when it is confirmed",
  "republish-under-new-id": "what is left in the outbox is published by a new producer after each start",
  "handled-again": "the SDK does not remember what it has handled",
  "no-hold-after-failure": "the SDK starts what stands behind a failed event of its parcel",
  "never-sent-again": "the SDK does not send again what a lost connection left unanswered",
} as const;

/**
 * Repairs that are taken back: what the shipped code did before a plan of test/found made it change. Each such plan names the one that it
 * `guards`. They need what met there, and no draw is held to meet it again: none of them is in `--bug all`.
 */
export const repairs = {
  "refused-by-a-later-claim": "the hub refuses the repeat of an event that it has stored, since its parcel's claim has moved on",
  "claim-forgotten-by-a-repeat": "the hub forgets a claim that is being written when a repeat is answered, and its job stays in the pool",
  "guess-forgotten-by-a-failure": "the hub forgets all that is being written about a claim when one write of it fails",
  "written-past-a-failure": "a subscription's write is stored although the one before it, which it stands on, was not",
  "time-out-as-answer": "the SDK takes the time-out of its question for the hub's answer, and lets a parcel go on",
  "greeting-waits-for-a-lost-timer": "an outbox whose greeting was refused waits for the timer of a connection that is gone",
  "no-hold-behind-handed-back": "the SDK starts what stands behind an event that it has handed back",
  "passed-and-never-asked-again": "a driver who declined a job is asked again only when something else happens to its pool",
  "taken-back-twice": "an interruption that an operator's retry has forgotten is taken back when the phone is back",
  "trimmed-while-parked": "a parked event that is trimmed is told to nobody",
  "monotonic-follows-wall": "the SDK waits by a clock that can be set back",
} as const;

export type RepairName = keyof typeof repairs;
export type BugName = keyof typeof bugs | RepairName;
const isBugName = (name: string): name is keyof typeof bugs => Object.hasOwn(bugs, name);
const isRepairName = (name: string): name is RepairName => Object.hasOwn(repairs, name);
export const bugNames = Object.keys(bugs).filter(isBugName);
export const repairNames = Object.keys(repairs).filter(isRepairName);

let planted: BugName | null = null;

/** The bug of this process; null: none. */
export const plantedBug = (): BugName | null => planted;

export function plant(bug: BugName | null): void {
  planted = bug;
}
