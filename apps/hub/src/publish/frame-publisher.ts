import { type Confirm, HubError, type LanePart, limits, parsePublishHeader, toHubError, toIssues } from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { Committer } from "../commit/committer.ts";
import type { Proof } from "../hub-parts.ts";
import { notTheEventsFault } from "../proof/not-the-clients-fault.ts";
import type { Admission } from "./admission.ts";
import type { Candidate, Origin } from "./candidate.ts";
import { FrameEvents } from "./frame-events.ts";
import { InOrder } from "./in-order.ts";
import { CLAIM_ROUNDS_MAX, claimUnsteady, LaneRun, type Slot } from "./lane-run.ts";
import { Origins } from "./origins.ts";

/** The version of the wire from which on a frame that was stored as it is has a confirm of its own. */
const SHORT_SINCE = 2;

export type Producer = { producer: string; incarnation: number };

export type FramePublisher = ReturnType<typeof createFramePublisher>;

type FramePublisherParts = {
  identity: Identity;
  /** The version of the wire that its client speaks. */
  wire: number;
  admission: Admission;
  committer: Committer;
  proof: Proof;
};

/** Takes publish frames of one socket: in their order up to the commit, overlapping from there on. */
export function createFramePublisher({ identity, wire, admission, committer, proof }: FramePublisherParts) {
  let origins: Origins | null = null;
  let underWay = 0;
  const frames = new InOrder();

  const admit = (candidate: Candidate): void => admission.admit(identity, candidate);

  const append = (runs: readonly LaneRun[]): Promise<AppendOutcome[]> => {
    const items: (AppendItem | VoidItem)[] = [];
    for (const run of runs) run.handOver(items, admit);
    return items.length > 0 ? committer.append(items) : Promise.resolve([]);
  };

  /** In rounds: looks up, decides, hands over, and takes in what became of it, until no claim moved under an event. */
  const settle = async (runs: readonly LaneRun[]): Promise<void> => {
    for (let round = 0; round < CLAIM_ROUNDS_MAX; round += 1) {
      const outcomes = await frames.handOver(
        () => admission.prepare(identity, undecided(runs)),
        () => append(runs),
      );
      let at = 0;
      for (const run of runs) at = run.settle(outcomes, at);
      if (!runs.some((run) => run.isAgain)) return;
    }
    for (const run of runs) if (run.isAgain) run.refuse(run.next, claimUnsteady());
  };

  return {
    hello: (known: Producer) => {
      origins = new Origins(identity.tenant, { kind: "numbered", ...known });
    },
    producer: (): Producer | null => origins?.from ?? null,

    async publish(frame: Uint8Array): Promise<Confirm> {
      if (!origins)
        throw new HubError("HELLO_MISSING", "Say `hello` with your producer before the first numbered publish of a connection.");
      if (underWay >= limits.publishesInFlightMax)
        throw new HubError("BUSY", `${underWay} frames of this connection wait for their commit; wait for their answers.`);
      const runs = parseFrame(frame, origins);
      underWay += 1;
      try {
        await settle(runs);
      } catch (thrown) {
        // Nothing of the frame was stored: all of its events were refused alike.
        const error = notTheEventsFault(thrown, proof);
        const count = runs.reduce((sum, run) => sum + run.events, 0);
        proof.published(count);
        proof.refused(error.code, count);
        throw error;
      } finally {
        underWay -= 1;
      }
      count(runs, proof);
      return (wire >= SHORT_SINCE ? shortConfirm(runs) : null) ?? { outcome: "confirmed", lanes: runs.map((run) => run.confirm()) };
    },
  };
}

/** Nearly every frame's, and a tenth of the other in length; `null`: there is more to tell. */
function shortConfirm(runs: readonly LaneRun[]): Confirm | null {
  const offsets: number[] = [];
  for (const { storedFrom } of runs) {
    if (storedFrom === null) return null;
    offsets.push(storedFrom);
  }
  return { outcome: "stored", offsets };
}

function count(runs: readonly LaneRun[], proof: Proof): void {
  let published = 0;
  let duplicates = 0;
  for (const run of runs) {
    published += run.stored + run.duplicates + (run.refusedCode ? 1 : 0);
    duplicates += run.duplicates;
    if (run.refusedCode) proof.refused(run.refusedCode, 1);
  }
  proof.published(published);
  if (duplicates > 0) proof.duplicates(duplicates);
}

function undecided(runs: readonly LaneRun[]): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { isOver, slots, next } of runs) {
    if (isOver) continue;
    for (let index = next; index < slots.length; index += 1) {
      const slot = slots[index];
      if (slot !== undefined && !(slot instanceof HubError) && !("void" in slot)) candidates.push(slot);
    }
  }
  return candidates;
}

/** Throws when the frame as a whole cannot be understood; what is wrong with one event stays in its slot. */
function parseFrame(frame: Uint8Array, origins: Origins): LaneRun[] {
  const events = new FrameEvents(frame);
  const parsed = parsePublishHeader(events.header);
  if (!parsed.success)
    throw new HubError("INVALID_MESSAGE", "The header of the publish frame breaks the contract.", { issues: toIssues(parsed.error) });
  const { lanes } = parsed.data;
  const expected = lanes.reduce((sum, part) => sum + part.count - (part.void?.length ?? 0), 0);
  if (expected !== events.count)
    throw new HubError("INVALID_MESSAGE", `The header speaks of ${expected} events, the frame has ${events.count} lines.`);
  if (expected > limits.batchEventsMax)
    throw new HubError("INVALID_MESSAGE", `The frame has ${expected} events; ${limits.batchEventsMax} are allowed.`);
  return lanes.map((part) => new LaneRun(part, slotsOf(part, events, origins)));
}

function slotsOf(part: LanePart, events: FrameEvents, origins: Origins): Slot[] {
  const { tenant, from } = origins;
  const origin = origins.of(part.queue);
  const voids = part.void === undefined ? null : new Set(part.void);
  const slots = new Array<Slot>(part.count);
  for (let index = 0; index < part.count; index += 1) {
    const number = part.first + index;
    slots[index] = voids?.has(number) ? { tenant, from, home: origin.home, number, void: true } : eventOf(events, origin, number);
  }
  return slots;
}

function eventOf(events: FrameEvents, origin: Origin, number: number): Slot {
  try {
    return events.next(origin, number);
  } catch (error) {
    return toHubError(error);
  }
}
