import { randomUUID } from "node:crypto";
import { type EventType, HubError, limits, type PlainConfirm, type PlainPublish } from "@waybill/events";
import type { AppendOutcome } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { Committer } from "../commit/committer.ts";
import type { HubClock, Proof } from "../hub-parts.ts";
import { notTheEventsFault } from "../proof/not-the-clients-fault.ts";
import type { Admission } from "./admission.ts";
import { type Candidate, makeCandidate } from "./candidate.ts";
import { InOrder } from "./in-order.ts";
import { CLAIM_ROUNDS_MAX, refusalOf } from "./lane-run.ts";
import { isFounded } from "./refusal.ts";

export type PlainPublisher = ReturnType<typeof createPlainPublisher>;

/** Takes events of plain clients, one a message: in their order up to the commit, many in one commit. */
export function createPlainPublisher(parts: {
  identity: Identity;
  admission: Admission;
  committer: Committer;
  clock: HubClock;
  proof: Proof;
}) {
  const { identity, admission, committer, clock, proof } = parts;
  const publisher = { tenant: identity.tenant, from: { kind: "plain" as const, subject: `${identity.role}:${identity.subject}` } };
  let underWay = 0;
  const events = new InOrder();

  const append = (items: readonly [Candidate]): Promise<AppendOutcome[]> => {
    admission.admit(identity, items[0]);
    return committer.append(items);
  };

  /** Hands it over, again when its parcel's claim moved meanwhile. */
  const settle = (candidate: Candidate, round: number): Promise<PlainConfirm> => {
    const items = [candidate] as const;
    const appended = events.handOver(
      () => admission.prepare(identity, items),
      () => append(items),
    );
    return appended.then(([outcome]) => ended(candidate, outcome, round), failed);
  };

  const ended = (candidate: Candidate, outcome: AppendOutcome | undefined, round: number): PlainConfirm | Promise<PlainConfirm> => {
    try {
      if (!outcome) throw new HubError("INTERNAL", "The storage gave no outcome.");
      const { refusal } = candidate;
      if (refusal && isFounded(refusal, outcome)) throw refusal.error;
      if (outcome.outcome === "claim-moved" && round < CLAIM_ROUNDS_MAX) return settle(candidate, round + 1);
      const confirm = confirmOf(candidate, outcome);
      underWay -= 1;
      return confirm;
    } catch (error) {
      return failed(error);
    }
  };

  const failed = (thrown: unknown): never => {
    underWay -= 1;
    const error = notTheEventsFault(thrown, proof);
    proof.refused(error.code, 1);
    throw error;
  };

  const eventOf = (type: EventType, request: PlainPublish) => ({
    id: request.id ?? randomUUID(),
    type,
    parcel: request.parcel,
    store: request.store,
    at: request.at ?? new Date(clock.nowMs()).toISOString(),
    notBefore: request.notBefore,
    data: request.data ?? {},
  });

  const confirmOf = ({ id, home: queue }: Candidate, outcome: AppendOutcome): PlainConfirm => {
    if (outcome.outcome === "stored") return { outcome: "stored", id, queue, offset: outcome.offset };
    if (outcome.outcome !== "duplicate") throw refusalOf(outcome, 0, queue);
    proof.duplicates(1);
    return { outcome: "duplicate", id, queue, offset: outcome.offset };
  };

  /** Throws at once what can be told at once. */
  return (type: EventType, request: PlainPublish): Promise<PlainConfirm> => {
    if (underWay >= limits.plainUnderWayMax)
      throw new HubError("BUSY", `${underWay} events of this connection wait for their commit; wait for their answers.`);
    proof.published(1);
    underWay += 1;
    try {
      return settle(makeCandidate(eventOf(type, request), publisher), 1);
    } catch (error) {
      return failed(error);
    }
  };
}
