/** The planted bugs: where each is planted, what it does, what it breaks, and by which faults it shows. */
import type { Sign } from "../checker/findings.ts";
import { type FaultKind, isFaultKind, type Narrowed } from "../plan/fault-kinds.ts";
import type { Invariant } from "../workers/records.ts";

export type BugPlace = "storage" | "engine" | "clock" | "sockets" | "outbox" | "flags";
export type Bug = {
  place: BugPlace;
  does: string;
  /** What it violates; whatever else a run finds is no proof that the judge saw it. */
  breaks: readonly (Invariant | Sign)[];
  /** The faults that it needs, and of a kind only what it needs: so a short run has enough of them. */
  shownBy: Partial<Record<FaultKind, Narrowed>>;
};

/** Its lease ends meanwhile, surely. */
const overLease = { lastsMs: [2_500, 3_500] } as const;
const deadDrivers = { variants: ["driver"] } as const;
/** Drivers' outboxes fill meanwhile, and are sent at once; on a busy machine a hub that is killed may be away for the whole run. */
const stoppedHub = { variants: ["hub"], lastsMs: [500, 1_500] } as const;

export const bugs = {
  "ack-before-commit": {
    place: "storage",
    does: "the hub confirms what it will write some hundred milliseconds later",
    breaks: ["I1"],
    shownBy: { "kill-hub": {} },
  },
  "memory-only": {
    place: "flags",
    does: "the hub keeps everything in memory (`--storage memory`)",
    breaks: ["I1"],
    shownBy: { "kill-hub": {} },
  },
  "no-dedup": {
    place: "storage",
    does: "a repeat is stored again",
    breaks: ["I3", "I6"],
    shownBy: { "kill-client": deadDrivers },
  },
  "dedup-window-too-short": {
    place: "storage",
    does: "only the last few events of a producer are recognised when they come again",
    breaks: ["I3", "I6"],
    shownBy: { "kill-client": deadDrivers },
  },
  "partial-batch-ack": {
    place: "storage",
    does: "the last event of a batch is confirmed and not stored",
    breaks: ["I1"],
    shownBy: { stop: stoppedHub },
  },
  "dead-letter-dropped": {
    place: "engine",
    does: "an event whose attempts are used up is settled instead of being kept as stuck",
    breaks: ["I1"],
    shownBy: { "kill-client": {} },
  },
  "swap-in-retry": {
    place: "engine",
    does: "an event that is offered again changes places with the next of its parcel",
    breaks: ["I1", "I4"],
    shownBy: { stop: {} },
  },
  "lease-without-fencing": {
    place: "engine",
    does: "the ack of a lease that ended settles the event of its next owner",
    breaks: ["I1", "I12"],
    // The bare consumers sit on events by themselves: they are not to be disturbed.
    shownBy: { stop: { variants: ["vendor"], ...overLease } },
  },
  "wall-clock-ttl": {
    place: "clock",
    does: "leases and back-offs follow the wall clock",
    breaks: ["hub time"],
    shownBy: { clock: {} },
  },
  "disconnect-true": {
    place: "sockets",
    does: "a client that answers late is disconnected for good",
    breaks: ["stranded client"],
    shownBy: { stop: { variants: ["plain"], ...overLease } },
  },
  "outbox-deleted-before-ack": {
    place: "outbox",
    does: "the outbox's file forgets an event when it is sent, not when it is confirmed",
    breaks: ["I10"],
    shownBy: { "kill-client": deadDrivers, stop: stoppedHub },
  },
  "republish-under-new-id": {
    place: "outbox",
    does: "what is left in the outbox is published by a new producer after each start",
    breaks: ["I3", "I6"],
    shownBy: { "kill-client": deadDrivers },
  },
} as const satisfies Record<string, Bug>;

export type BugName = keyof typeof bugs;
const isBugName = (name: string): name is BugName => Object.hasOwn(bugs, name);
export const bugNames = Object.keys(bugs).filter(isBugName);
export const bugOf = (name: string): Bug | null => (isBugName(name) ? bugs[name] : null);

export const faultsOf = (name: string): readonly FaultKind[] => Object.keys(bugOf(name)?.shownBy ?? {}).filter(isFaultKind);
