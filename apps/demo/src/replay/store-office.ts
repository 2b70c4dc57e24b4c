import type { Publisher } from "@waybill/client";
import type { History } from "@waybill/testkit";
import { eventIdOf, isStoreStep, type PlannedParcel, type Step } from "../plan/planned-parcel.ts";
import type { Gate } from "./gate.ts";
import type { Pace } from "./pace.ts";
import { publishRecorded } from "./publish-recorded.ts";
import type { RecordedOutbox } from "./recorded-outbox.ts";
import { stepEvent } from "./step-event.ts";

/** What the stores of one worker publish: `ready` in the day's order, `cancelled` when all that came before it was seen. */
export type StoreOffice = {
  /** Resolves when every pickup has been asked for. */
  run(): Promise<void>;
  /** A store has applied this event: perhaps a cancel waited for it. */
  applied(id: string): void;
};

/** `place`: of the parcel in the whole day, all stores together. */
export type PlacedParcel = { planned: PlannedParcel; place: number };

export type StoreOfficeOptions = {
  client: Pick<Publisher, "publish">;
  outbox: RecordedOutbox;
  history: History;
  plan: readonly PlacedParcel[];
  pace: Pace;
  gate: Gate;
  wasApplied(id: string): boolean;
};

export function createStoreOffice({ client, outbox, history, plan, pace, gate, wasApplied }: StoreOfficeOptions): StoreOffice {
  /** The event that must be seen first → whose cancel waits for it. */
  const cancels = new Map<string, PlannedParcel>();

  async function publish(planned: PlannedParcel, step: Step): Promise<void> {
    if (outbox.known.has(eventIdOf(planned.parcel, step.type))) return;
    await pace(step.at);
    publishRecorded(client, history, stepEvent(planned, step));
  }

  async function cancel(planned: PlannedParcel): Promise<void> {
    for (const step of planned.steps) if (step.type === "cancelled") await publish(planned, step);
  }

  return {
    async run() {
      for (const { planned } of plan) {
        const before = planned.steps.findLast(({ type }) => type !== "cancelled");
        if (before && before !== planned.steps.at(-1)) cancels.set(eventIdOf(planned.parcel, before.type), planned);
      }
      for (const [id, planned] of cancels) if (wasApplied(id)) void cancel(planned);
      for (const { planned, place } of plan) {
        await gate.passed(place);
        for (const step of planned.steps) if (isStoreStep(step.type) && step.type !== "cancelled") await publish(planned, step);
      }
    },
    applied(id) {
      const planned = cancels.get(id);
      if (planned) void cancel(planned);
    },
  };
}
