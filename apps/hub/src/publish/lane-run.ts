import { HubError, type LaneConfirm, type LanePart, toHubError } from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import type { Candidate } from "./candidate.ts";
import { isFounded } from "./refusal.ts";

/** What a number of a lane's part is: an event, a void, or what is wrong with its event. */
export type Slot = Candidate | VoidItem | HubError;

/** Another event was stored about the same parcel in between; decide again so often at most. */
export const CLAIM_ROUNDS_MAX = 8;

type Run = [number: number, count: number, offset: number];

/** Most lanes of a frame have none of one kind, and one run of the other. */
const noRuns: Run[] = [];

/**
 * What becomes of one lane's part of a frame: its prefix before the first refusal is stored.
 * `next` moves over the slots; `refuse` ends the lane; a moved claim sets `next` back to be decided again.
 */
export class LaneRun {
  readonly queue: string;
  /** The number of the first slot; they are contiguous. */
  readonly first: number;
  readonly slots: readonly Slot[];
  next = 0;
  /** A claim moved under an event: decide again from `next` on. */
  isAgain = false;
  /** The first slot that was handed over in this round. */
  #handedFrom = 0;
  #confirmedTo = 0;
  #stored = noRuns;
  #duplicates = noRuns;
  #refused: { number: number; error: HubError } | null = null;

  constructor({ queue, first }: Pick<LanePart, "queue" | "first">, slots: readonly Slot[]) {
    this.queue = queue;
    this.first = first;
    this.slots = slots;
  }

  get isOver(): boolean {
    return this.#refused !== null || this.next >= this.slots.length;
  }

  /** Numbers that carry an event, looked at or not. */
  get events(): number {
    return this.slots.filter((slot) => !("void" in slot)).length;
  }

  get stored(): number {
    return total(this.#stored);
  }

  get duplicates(): number {
    return total(this.#duplicates);
  }

  /** Where its first event lies, when all of them were stored, one behind the other; `null`: something else became of the part. */
  get storedFrom(): number | null {
    const run = this.#stored[0];
    return run !== undefined && run[1] === this.slots.length ? run[2] : null;
  }

  get refusedCode(): string | null {
    return this.#refused?.error.code ?? null;
  }

  /** The slot at `index` is refused: it ends the lane, unless an earlier one did. */
  refuse(index: number, error: unknown): void {
    this.#refused ??= { number: this.first + index, error: toHubError(error) };
  }

  /** Adds to `items` what is to be stored from `next` on, up to the first slot that is wrong or that `admit` refuses. Moves `next` behind it. */
  handOver(items: (AppendItem | VoidItem)[], admit: (candidate: Candidate) => void): void {
    this.isAgain = false;
    this.#handedFrom = this.next;
    while (!this.isOver) {
      const slot = this.slots[this.next];
      if (slot === undefined) return;
      try {
        if (slot instanceof HubError) throw slot;
        if (!("void" in slot)) admit(slot);
        items.push(slot);
        this.next += 1;
      } catch (error) {
        this.refuse(this.next, error);
      }
    }
  }

  /** What became of the items that were handed over. They stand in `outcomes` from `at` on; answers where those of the next lane do. */
  settle(outcomes: readonly AppendOutcome[], at: number): number {
    if (this.#isWhole(outcomes, at)) return at + this.slots.length;
    const handedTo = this.next;
    let from = at;
    for (let index = this.#handedFrom; index < handedTo; index += 1) {
      const outcome = outcomes[from];
      if (outcome === undefined) throw new HubError("INTERNAL", "The storage gave no outcome.");
      this.#outcome(index, outcome);
      from += 1;
    }
    return from;
  }

  /** Whether all of it was stored at once, one behind the other: nearly every part is, and then one run says so. */
  #isWhole(outcomes: readonly AppendOutcome[], at: number): boolean {
    const { length } = this.slots;
    if (length === 0 || this.#handedFrom > 0 || this.next < length) return false;
    let from = 0;
    for (let index = 0; index < length; index += 1) {
      const outcome = outcomes[at + index];
      if (outcome?.outcome !== "stored") return false;
      if (index === 0) from = outcome.offset;
      else if (outcome.offset !== from + index) return false;
    }
    this.#confirmedTo = this.first + length - 1;
    this.#stored = [[this.first, length, from]];
    return true;
  }

  /** In the order of the items; what stands behind a refusal in the same lane is `skipped` by the storage. */
  #outcome(index: number, outcome: AppendOutcome): void {
    const slot = this.slots[index];
    if (slot === undefined || this.isAgain) return;
    if (!(slot instanceof HubError) && !("void" in slot) && slot.refusal !== null && isFounded(slot.refusal, outcome)) {
      this.#refused = null; // One that was refused unsent stands behind this one.
      this.refuse(index, slot.refusal.error);
      return;
    }
    const number = this.first + index;
    switch (outcome.outcome) {
      case "stored":
        this.#confirmedTo = number;
        this.#stored = extended(this.#stored, number, outcome.offset);
        return;
      case "void":
        this.#confirmedTo = number;
        return;
      case "duplicate":
        this.#confirmedTo = number;
        this.#duplicates = extended(this.#duplicates, number, outcome.offset);
        return;
      case "claim-moved":
        this.isAgain = true;
        this.next = index;
        // What was refused behind it was judged by a claim that is no longer true.
        this.#refused = null;
        return;
      case "skipped":
        return;
      default:
        this.#refused = null; // One that was refused unsent stands behind this one.
        this.refuse(index, refusalOf(outcome, number, this.queue));
    }
  }

  confirm(): LaneConfirm {
    const refused = this.#refused ? { refused: { number: this.#refused.number, error: this.#refused.error.toBody() } } : {};
    return { queue: this.queue, confirmedTo: this.#confirmedTo, stored: this.#stored, duplicates: this.#duplicates, ...refused };
  }
}

const total = (runs: readonly Run[]): number => runs.reduce((sum, [, count]) => sum + count, 0);

/** With one event more: the last run grows, where that one follows it. */
function extended(runs: Run[], number: number, offset: number): Run[] {
  const last = runs.at(-1);
  if (last === undefined) return [[number, 1, offset]];
  if (last[0] + last[1] === number && (offset === 0 ? last[2] === 0 : last[2] + last[1] === offset && last[2] !== 0)) last[1] += 1;
  else runs.push([number, 1, offset]);
  return runs;
}

/** The error that tells a publisher of a storage's outcome. */
export function refusalOf(outcome: AppendOutcome, number: number, queue: string): HubError {
  switch (outcome.outcome) {
    case "reused":
      return new HubError(
        "SEQUENCE_REUSED",
        `Number ${number} of lane ${queue} was used for the event ${outcome.id}. Two processes share one outbox, or it is an old copy.`,
      );
    case "gap":
      return new HubError("SEQUENCE_GAP", `Lane ${queue} goes on with number ${outcome.expected}, not ${number}. Send from there.`);
    case "fenced":
      return new HubError(
        "PRODUCER_FENCED",
        `Incarnation ${outcome.incarnation} of this outbox is known; this process holds an older one. Stop it.`,
      );
    case "full":
      return new HubError("QUEUE_FULL", `${outcome.queue} holds as many unsettled events as it may; its store has to take some first.`);
    case "skipped":
      return new HubError("SEQUENCE_GAP", `An earlier number of lane ${queue} was not stored; send from that one on.`);
    case "claim-moved":
      return claimUnsteady();
    default:
      return new HubError("INTERNAL", `The outcome ${outcome.outcome} is no refusal.`);
  }
}

export const claimUnsteady = () => new HubError("BUSY", "The parcel's claim changes too fast to decide; send it again.");
