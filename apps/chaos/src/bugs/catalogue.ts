/** The planted bugs: where each is planted, what it does, and by which faults it shows. */
import type { FaultKind } from "../plan/fault-kinds.ts";

export type BugPlace = "storage" | "engine" | "clock" | "sockets" | "outbox" | "flags";
export type Bug = { place: BugPlace; does: string; shownBy: readonly FaultKind[] };

export const bugs = {
  "ack-before-commit": {
    place: "storage",
    does: "the hub confirms what it will write some hundred milliseconds later",
    shownBy: ["kill-hub"],
  },
  "memory-only": { place: "flags", does: "the hub keeps everything in memory (`--storage memory`)", shownBy: ["kill-hub"] },
  "no-dedup": { place: "storage", does: "a repeat is stored again", shownBy: ["kill-hub", "kill-client"] },
  "dedup-window-too-short": {
    place: "storage",
    does: "only the last few events of a producer are recognised when they come again",
    shownBy: ["kill-hub", "kill-client"],
  },
  "partial-batch-ack": { place: "storage", does: "the last event of a batch is confirmed and not stored", shownBy: ["kill-hub"] },
  "dead-letter-dropped": {
    place: "engine",
    does: "an event whose attempts are used up is settled instead of being kept as stuck",
    shownBy: ["kill-client"],
  },
  "swap-in-retry": {
    place: "engine",
    does: "an event that is offered again changes places with the next of its parcel",
    shownBy: ["stop"],
  },
  "lease-without-fencing": {
    place: "engine",
    does: "the ack of a lease that ended settles the event of its next owner",
    shownBy: ["stop"],
  },
  "wall-clock-ttl": { place: "clock", does: "leases and back-offs follow the wall clock", shownBy: ["clock"] },
  "disconnect-true": { place: "sockets", does: "a client that answers late is disconnected for good", shownBy: ["stop"] },
  "outbox-deleted-before-ack": {
    place: "outbox",
    does: "the outbox's file forgets an event when it is sent, not when it is confirmed",
    shownBy: ["kill-client", "kill-hub"],
  },
  "republish-under-new-id": {
    place: "outbox",
    does: "what is left in the outbox is published by a new producer after each start",
    shownBy: ["kill-client"],
  },
} as const satisfies Record<string, Bug>;

export type BugName = keyof typeof bugs;
const isBugName = (name: string): name is BugName => Object.hasOwn(bugs, name);
export const bugNames = Object.keys(bugs).filter(isBugName);
export const bugOf = (name: string): Bug | null => (isBugName(name) ? bugs[name] : null);
