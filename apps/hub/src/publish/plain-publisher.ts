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

  const settle = async (candidate: Candidate): Promise<AppendOutcome> => {
    const items = [candidate];
    const append = (): Promise<AppendOutcome[]> => {
      admission.admit(identity, candidate);
      return committer.append(items);
    };
    for (let round = 1; ; round += 1) {
      const [outcome] = await events.handOver(() => admission.prepare(identity, items), append);
      if (!outcome) throw new HubError("INTERNAL", "The storage gave no outcome.");
      const { refusal } = candidate;
      if (refusal && isFounded(refusal, outcome)) throw refusal.error;
      if (outcome.outcome !== "claim-moved" || round >= CLAIM_ROUNDS_MAX) return outcome;
    }
  };

  return async (type: EventType, request: PlainPublish): Promise<PlainConfirm> => {
    if (underWay >= limits.plainUnderWayMax)
      throw new HubError("BUSY", `${underWay} events of this connection wait for their commit; wait for their answers.`);
    proof.published(1);
    underWay += 1;
    try {
      const event = {
        id: request.id ?? randomUUID(),
        type,
        parcel: request.parcel,
        store: request.store,
        at: request.at ?? new Date(clock.nowMs()).toISOString(),
        ...(request.notBefore === undefined ? {} : { notBefore: request.notBefore }),
        data: request.data ?? {},
      };
      const candidate = makeCandidate(event, publisher);
      const outcome = await settle(candidate);
      const { id, home: queue } = candidate;
      if (outcome.outcome === "stored") return { outcome: "stored", id, queue, offset: outcome.offset };
      if (outcome.outcome !== "duplicate") throw refusalOf(outcome, 0, queue);
      proof.duplicates(1);
      return { outcome: "duplicate", id, queue, offset: outcome.offset };
    } catch (thrown) {
      const error = notTheEventsFault(thrown, proof);
      proof.refused(error.code, 1);
      throw error;
    } finally {
      underWay -= 1;
    }
  };
}
