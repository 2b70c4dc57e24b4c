import {
  type Confirm,
  frameBodies,
  HubError,
  type LanePart,
  limits,
  parsePublishHeader,
  readFrame,
  toHubError,
  toIssues,
} from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { Committer } from "../commit/committer.ts";
import type { Proof } from "../hub-parts.ts";
import { notTheEventsFault } from "../proof/not-the-clients-fault.ts";
import type { Admission } from "./admission.ts";
import { type Candidate, parseCandidate } from "./candidate.ts";
import { CLAIM_ROUNDS_MAX, claimUnsteady, LaneRun, type Slot } from "./lane-run.ts";

export type Producer = { producer: string; incarnation: number };

export type FramePublisher = ReturnType<typeof createFramePublisher>;

/** Takes publish frames of one socket: in their order up to the commit, overlapping from there on. */
export function createFramePublisher(parts: { identity: Identity; admission: Admission; committer: Committer; proof: Proof }) {
  const { identity, admission, committer, proof } = parts;
  let producer: Producer | null = null;
  let underWay = 0;
  /** Frames are handed over one after the other: a lane's numbers must not overtake each other. */
  let handedOver: Promise<unknown> = Promise.resolve();

  /** One round: looks up, decides, hands over. The outcomes are awaited outside, so that the next frame can follow. */
  const handOver = async (runs: readonly LaneRun[], from: Producer) => {
    const open = runs.filter((run) => !run.isOver);
    const lookups = admission.prepare(identity, candidatesOf(open));
    if (lookups !== null) await lookups;
    const items: (AppendItem | VoidItem)[] = [];
    const places: { run: LaneRun; index: number }[] = [];
    for (const run of open) {
      const { producer: by, incarnation } = from;
      const outbox = { kind: "numbered" as const, producer: by, incarnation };
      const make = ({ number, candidate }: Slot & { candidate: Candidate }) =>
        admission.admit(identity, candidate, { from: outbox, number });
      const makeVoid = (number: number): VoidItem => ({ tenant: identity.tenant, from: outbox, number, home: run.queue, void: true });
      for (const item of run.items(make, makeVoid)) {
        places.push({ run, index: run.next - 1 });
        items.push(item);
      }
    }
    return { places, outcomes: items.length > 0 ? committer.append(items) : Promise.resolve<AppendOutcome[]>([]) };
  };

  const settle = async (runs: readonly LaneRun[], from: Producer) => {
    for (let round = 0; round < CLAIM_ROUNDS_MAX; round += 1) {
      const turn = handedOver.then(() => handOver(runs, from));
      handedOver = turn.catch(() => {});
      const { places, outcomes } = await turn;
      for (const [at, outcome] of (await outcomes).entries()) {
        const place = places[at];
        place?.run.outcome(place.index, outcome);
      }
      if (!runs.some((run) => run.isAgain)) return;
    }
    for (const run of runs) {
      const slot = run.slots[run.next];
      if (run.isAgain && slot) run.refuse(slot.number, claimUnsteady());
    }
  };

  return {
    hello: (known: Producer) => {
      producer = known;
    },
    producer: () => producer,

    async publish(frame: Uint8Array): Promise<Confirm> {
      if (!producer)
        throw new HubError("HELLO_MISSING", "Say `hello` with your producer before the first numbered publish of a connection.");
      if (underWay >= limits.publishesInFlightMax)
        throw new HubError("BUSY", `${underWay} frames of this connection wait for their commit; wait for their answers.`);
      const runs = parseFrame(frame);
      underWay += 1;
      try {
        await settle(runs, producer);
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
      for (const run of runs) {
        proof.published(run.stored + run.duplicates + (run.refusedCode ? 1 : 0));
        if (run.duplicates > 0) proof.duplicates(run.duplicates);
        if (run.refusedCode) proof.refused(run.refusedCode, 1);
      }
      return { outcome: "confirmed", lanes: runs.map((run) => run.confirm()) };
    },
  };
}

function* candidatesOf(runs: readonly LaneRun[]): Iterable<Candidate> {
  for (const { slots, next } of runs) {
    for (let index = next; index < slots.length; index += 1) {
      const slot = slots[index];
      if (slot && "candidate" in slot) yield slot.candidate;
    }
  }
}

/** Throws when the frame as a whole cannot be understood; what is wrong with one event stays in its slot. */
function parseFrame(frame: Uint8Array): LaneRun[] {
  const { header, lines, isPlain } = readFrame(frame);
  const parsed = parsePublishHeader(header);
  if (!parsed.success)
    throw new HubError("INVALID_MESSAGE", "The header of the publish frame breaks the contract.", { issues: toIssues(parsed.error) });
  const { lanes } = parsed.data;
  const expected = lanes.reduce((sum, part) => sum + part.count - (part.void?.length ?? 0), 0);
  if (expected !== lines.length)
    throw new HubError("INVALID_MESSAGE", `The header speaks of ${expected} events, the frame has ${lines.length} lines.`);
  if (expected > limits.batchEventsMax)
    throw new HubError("INVALID_MESSAGE", `The frame has ${expected} events; ${limits.batchEventsMax} are allowed.`);
  const bodies = frameBodies(frame);
  let at = 0;
  return lanes.map((part) => {
    const voids = new Set(part.void);
    const slots: Slot[] = [];
    for (let number = part.first; number < part.first + part.count; number += 1) {
      if (voids.has(number)) slots.push({ number, void: true });
      else {
        slots.push(slotOf(part, number, { body: bodies[at], line: lines[at], isPlain }));
        at += 1;
      }
    }
    return new LaneRun(part, slots);
  });
}

type Line = { body: Uint8Array | undefined; line: string | Uint8Array | undefined; isPlain: boolean };

function slotOf(part: LanePart, number: number, { body, line, isPlain }: Line): Slot {
  try {
    if (body === undefined || line === undefined) throw new HubError("INVALID_MESSAGE", `No line for number ${number} of ${part.queue}.`);
    return { number, candidate: parseCandidate(body, { home: part.queue, line, isPlain }) };
  } catch (error) {
    return { number, error: toHubError(error) };
  }
}
