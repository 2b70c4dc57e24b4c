/**
 * Which inputs are worth no turn of the engine, and are applied with the next one, in their order. Where a subscription gets an event now and
 * then, turns and not events are what a hub's time goes into.
 */
import type { EngineInput } from "@waybill/queue";

/** What a client says of its handlers may not pile up. */
const WAITING_MAX = 16;

/** `waiting`: inputs that are not applied, this one included. */
export const canWait = (input: EngineInput, waiting: number): boolean =>
  waiting <= WAITING_MAX && input.type === "settle" && isOnlyStarted(input);

/** That handlers run counts when their consumer is gone, and that is an input of its own. */
function isOnlyStarted({ settle }: Extract<EngineInput, { type: "settle" }>): boolean {
  if (settle.started === undefined) return false;
  // Asked with each settle: by name, without a copy of what is left when these are taken out.
  for (const field in settle) {
    if (field === "sub" || field === "epoch" || field === "started") continue;
    if (settle[field as keyof typeof settle] !== undefined) return false;
  }
  return true;
}
