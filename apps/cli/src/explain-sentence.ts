import type { Explained } from "@waybill/client";

type Reason = Explained["reason"];

/** One sentence of why an event is not settled, or that it is. */
export function explainSentence({ offset, stored, first, redrive, reason, nowMs }: Explained): string {
  const event = stored ? `${stored.type} of parcel ${stored.parcel}` : "";
  if (reason.because === "not-routed") return `${event} (${reason.home} ${stored?.offset}) was not routed to this queue.`;
  const own = redrive > 0 ? "It was sent again by hand and " : "It ";
  if (first !== offset) return `${event} (offset ${offset}) waits behind offset ${first} of its parcel, which ${predicate(reason, nowMs)}.`;
  return event === "" ? `Offset ${offset} ${predicate(reason, nowMs)}.` : `${event} (offset ${offset}): ${own}${predicate(reason, nowMs)}.`;
}

function predicate(reason: Reason, nowMs: number): string {
  switch (reason.because) {
    case "ahead":
      return `is ahead of the queue, which ends at ${reason.head}`;
    case "settled":
      return "is settled";
    case "unwanted":
      return "is of a type that the group does not want, and is settled at sight";
    case "in-hand":
      return [
        `is in the hand of ${reason.by}, whose lease ends ${inTime(reason.untilMs - nowMs)}`,
        ...(reason.answered ? ["acked before its turn"] : reason.started ? ["its handler was started"] : []),
        ...(reason.alone ? ["alone, since it may have killed a process"] : []),
      ].join("; ");
    case "saving":
      return "waits for a commit of the hub";
    case "stuck":
      return `is stuck after ${attempts(reason)}: retry or skip its parcel`;
    case "resting":
      return `waits for its next attempt ${inTime(reason.dueMs - nowMs)}, after ${attempts(reason)}`;
    case "delayed":
      return `waits for its time, ${new Date(reason.untilMs).toISOString()} (${inTime(reason.untilMs - nowMs)}): its publisher wished it not before`;
    case "paused":
      return "waits, since the subscription is paused";
    case "no-consumer":
      return "waits, since nobody reads the subscription";
    case "parked":
      return "is put aside, since its parcel has many events waiting, and will be read when they have gone";
    case "not-read":
      return reason.parkedKeys === undefined
        ? `was not read yet: the hub has read up to ${reason.cursor}`
        : `was not read yet: the hub has read up to ${reason.cursor}, and reads no further while ${reason.parkedKeys} parcels are put aside, stuck or delayed: retry or skip some`;
    case "suspect":
      return "may have killed a process, and waits for a consumer whose hand is empty, to be offered alone";
    case "alone":
      return `waits, since offset ${reason.offset} is in hand alone, and nothing else is offered meanwhile`;
    case "passed":
      return `was passed by every driver who could take it; they are asked again ${inTime(reason.untilMs - nowMs)}`;
    case "no-credit":
      return `waits, since ${reason.consumers} consumers have ${reason.inHand} events in hand and credit for no more`;
    case "ready":
      return "is about to be offered";
    case "dead":
      return `is a dead letter since ${new Date(reason.buriedAtMs).toISOString()}, after ${reason.attempts} attempts and ${reason.redrive} redrives`;
    case "trimmed":
      return reason.gap === undefined
        ? `is settled and was retained away: history begins at ${reason.firstKept}`
        : `was retained away before it was read, with all from ${reason.gap.from} to ${reason.gap.to}, and no reader has confirmed yet that it knows`;
    case "not-routed":
      return `was not routed here from ${reason.home}`;
  }
}

const attempts = ({ failed, interrupted }: { failed: number; interrupted: number }): string =>
  `${failed} failed and ${interrupted} interrupted attempts`;

/** Whole seconds are enough; what is over is about to be noticed. */
const inTime = (ms: number): string => (ms <= 0 ? "now" : `in ${Math.ceil(ms / 1_000)} s`);
