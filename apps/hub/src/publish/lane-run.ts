import { HubError, type LaneConfirm, type LanePart, toHubError } from "@waybill/events";
import type { AppendItem, AppendOutcome, VoidItem } from "@waybill/storage";
import type { Admitted } from "./admission.ts";
import type { Candidate } from "./candidate.ts";
import { isFounded, type Refusal } from "./refusal.ts";

/** One number of a lane's part: an event, a void, or what is wrong with it. */
export type Slot = { number: number } & ({ candidate: Candidate } | { void: true } | { error: HubError });

/** Another event was stored about the same parcel in between; decide again so often at most. */
export const CLAIM_ROUNDS_MAX = 8;

type Run = [number: number, count: number, offset: number];

/**
 * What becomes of one lane's part of a frame: its prefix before the first refusal is stored.
 * `next` moves over the slots; `refuse` ends the lane; a moved claim sets `next` back to be decided again.
 */
export class LaneRun {
  readonly queue: string;
  readonly slots: readonly Slot[];
  next = 0;
  /** A claim moved under an event: decide again from `next` on. */
  isAgain = false;
  #confirmedTo = 0;
  #stored: Run[] = [];
  #duplicates: Run[] = [];
  #refused: { number: number; error: HubError } | null = null;
  /** By index: refused unless the storage has seen it before. */
  readonly #asked = new Map<number, Refusal>();

  constructor(part: LanePart, slots: readonly Slot[]) {
    this.queue = part.queue;
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

  get refusedCode(): string | null {
    return this.#refused?.error.code ?? null;
  }

  refuse(number: number, error: unknown): void {
    this.#refused ??= { number, error: toHubError(error) };
  }

  /** The items from `next` on, up to the first slot that `admit` refuses. Moves `next` behind them. */
  *items(
    make: (slot: Slot & { candidate: Candidate }) => Admitted,
    makeVoid: (number: number) => VoidItem,
  ): Iterable<AppendItem | VoidItem> {
    this.isAgain = false;
    while (!this.isOver) {
      const slot = this.slots[this.next];
      if (!slot) return;
      try {
        if ("error" in slot) throw slot.error;
        const { item, refusal } = "void" in slot ? { item: makeVoid(slot.number), refusal: null } : make(slot);
        if (refusal) this.#asked.set(this.next, refusal);
        else this.#asked.delete(this.next);
        this.next += 1;
        yield item;
      } catch (error) {
        this.refuse(slot.number, error);
      }
    }
  }

  /** In the order of the items; what stands behind a refusal in the same lane is `skipped` by the storage. */
  outcome(index: number, outcome: AppendOutcome): void {
    const slot = this.slots[index];
    if (!slot || this.isAgain) return;
    const refusal = this.#asked.get(index);
    if (refusal && isFounded(refusal, outcome)) {
      this.#refused = null; // One that was refused unsent stands behind this one.
      this.refuse(slot.number, refusal.error);
      return;
    }
    switch (outcome.outcome) {
      case "stored":
        this.#confirmedTo = slot.number;
        extend(this.#stored, slot.number, outcome.offset);
        return;
      case "void":
        this.#confirmedTo = slot.number;
        return;
      case "duplicate":
        this.#confirmedTo = slot.number;
        extend(this.#duplicates, slot.number, outcome.offset);
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
        this.refuse(slot.number, refusalOf(outcome, slot.number, this.queue));
    }
  }

  confirm(): LaneConfirm {
    const refused = this.#refused ? { refused: { number: this.#refused.number, error: this.#refused.error.toBody() } } : {};
    return { queue: this.queue, confirmedTo: this.#confirmedTo, stored: this.#stored, duplicates: this.#duplicates, ...refused };
  }
}

const total = (runs: readonly Run[]): number => runs.reduce((sum, [, count]) => sum + count, 0);

function extend(runs: Run[], number: number, offset: number): void {
  const last = runs.at(-1);
  if (last && last[0] + last[1] === number && (offset === 0 ? last[2] === 0 : last[2] + last[1] === offset && last[2] !== 0)) last[1] += 1;
  else runs.push([number, 1, offset]);
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
