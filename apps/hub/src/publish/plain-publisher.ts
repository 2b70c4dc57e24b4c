import { randomUUID } from "node:crypto";
import { type EventType, HubError, limits, type PlainConfirm, type PlainPublish } from "@waybill/events";
import type { AppendItem, AppendOutcome } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { Committer } from "../commit/committer.ts";
import type { Asker } from "../edge/handlers.ts";
import type { HubClock, Proof } from "../hub-parts.ts";
import { notTheEventsFault } from "../proof/not-the-clients-fault.ts";
import type { Admission } from "./admission.ts";
import { type Candidate, candidateOf, makeCandidate } from "./candidate.ts";
import { InOrder } from "./in-order.ts";
import { CLAIM_ROUNDS_MAX, refusalOf } from "./lane-run.ts";
import { Origins } from "./origins.ts";
import { PlainEvent } from "./plain-event.ts";
import { isFounded } from "./refusal.ts";

/** `round`: how often it was handed over, for its parcel's claim moved meanwhile. */
type Waiting = { readonly candidate: Candidate; readonly asker: Asker<PlainConfirm>; round: number };

type PlainPublisherParts = { identity: Identity; admission: Admission; committer: Committer; clock: HubClock; proof: Proof };

const nothing: Promise<AppendOutcome[]> = Promise.resolve([]);

/** Takes events of one plain client, one a message: in their order up to the commit, and all that came together at once. */
export class PlainPublisher {
  readonly #parts: PlainPublisherParts;
  readonly #origins: Origins<AppendItem["from"]>;
  readonly #order = new InOrder();
  #underWay = 0;
  /** Handed over when all of its socket that came in one go is here. */
  #gathered: Waiting[] = [];

  constructor(parts: PlainPublisherParts) {
    const { tenant, role, subject } = parts.identity;
    this.#parts = parts;
    this.#origins = new Origins(tenant, { kind: "plain", subject: `${role}:${subject}` });
  }

  /** Throws what can be told at once; the rest is told to the asker. */
  take(type: EventType, published: PlainPublish | PlainEvent, asker: Asker<PlainConfirm>): void {
    const { proof } = this.#parts;
    if (this.#underWay >= limits.plainUnderWayMax)
      throw new HubError("BUSY", `${this.#underWay} events of this connection wait for their commit; wait for their answers.`);
    proof.published(1);
    this.#underWay += 1;
    try {
      this.#gather({ candidate: this.#candidateOf(type, published), asker, round: 1 });
    } catch (error) {
      throw this.#ended(error);
    }
  }

  publish(type: EventType, request: PlainPublish): Promise<PlainConfirm> {
    return new Promise((answer, refuse) => this.take(type, request, { answer, refuse }));
  }

  #gather(waiting: Waiting): void {
    if (this.#gathered.push(waiting) === 1) queueMicrotask(() => this.#handOver());
  }

  #handOver(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    const candidates = gathered.map(({ candidate }) => candidate);
    let admitted: readonly Waiting[] = gathered;
    const refuseAll = (error: unknown) => {
      for (const waiting of admitted) this.#refuse(waiting, error);
    };
    try {
      this.#order
        .handOver(
          () => this.#parts.admission.prepare(this.#parts.identity, candidates),
          () => {
            admitted = gathered.filter((waiting) => this.#isAdmitted(waiting));
            return admitted.length === 0 ? nothing : this.#parts.committer.append(admitted.map(({ candidate }) => candidate));
          },
        )
        .then((outcomes) => this.#tellAll(admitted, outcomes), refuseAll);
    } catch (error) {
      // In a microtask nobody else would catch it, and the hub would end.
      refuseAll(error);
    }
  }

  /** Each for itself: what can never be stored is refused, and keeps nothing else of its socket from being stored. */
  #isAdmitted(waiting: Waiting): boolean {
    try {
      this.#parts.admission.admit(this.#parts.identity, waiting.candidate);
      return true;
    } catch (error) {
      this.#refuse(waiting, error);
      return false;
    }
  }

  #tellAll(admitted: readonly Waiting[], outcomes: readonly AppendOutcome[]): void {
    let at = 0;
    for (const waiting of admitted) this.#tell(waiting, outcomes[at++]);
  }

  #tell(waiting: Waiting, outcome: AppendOutcome | undefined): void {
    const { candidate, asker, round } = waiting;
    let confirm: PlainConfirm;
    try {
      if (!outcome) throw new HubError("INTERNAL", "The storage gave no outcome.");
      if (candidate.refusal && isFounded(candidate.refusal, outcome)) throw candidate.refusal.error;
      if (outcome.outcome === "claim-moved" && round < CLAIM_ROUNDS_MAX) {
        waiting.round = round + 1;
        this.#gather(waiting);
        return;
      }
      confirm = this.#confirmOf(candidate, outcome);
    } catch (error) {
      this.#refuse(waiting, error);
      return;
    }
    this.#underWay -= 1;
    asker.answer(confirm);
  }

  #refuse({ asker }: Waiting, error: unknown): void {
    asker.refuse(this.#ended(error));
  }

  /** It waits for nothing any more. Answers what its publisher is told. */
  #ended(thrown: unknown): HubError {
    const { proof } = this.#parts;
    this.#underWay -= 1;
    const error = notTheEventsFault(thrown, proof);
    proof.refused(error.code, 1);
    return error;
  }

  #candidateOf(type: EventType, published: PlainPublish | PlainEvent): Candidate {
    if (!(published instanceof PlainEvent)) return makeCandidate(this.#eventOf(type, published), this.#origins);
    const { event, body } = published;
    return candidateOf({ event, body, number: 0 }, this.#origins.ofStore(event.store));
  }

  #eventOf(type: EventType, request: PlainPublish): object {
    return {
      id: request.id ?? randomUUID(),
      type,
      parcel: request.parcel,
      store: request.store,
      at: request.at ?? new Date(this.#parts.clock.nowMs()).toISOString(),
      notBefore: request.notBefore,
      data: request.data ?? {},
    };
  }

  #confirmOf({ id, home: queue }: Candidate, outcome: AppendOutcome): PlainConfirm {
    if (outcome.outcome === "stored") return { outcome: "stored", id, queue, offset: outcome.offset };
    if (outcome.outcome !== "duplicate") throw refusalOf(outcome, 0, queue);
    this.#parts.proof.duplicates(1);
    return { outcome: "duplicate", id, queue, offset: outcome.offset };
  }
}
