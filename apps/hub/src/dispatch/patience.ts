/**
 * Which inputs are worth no turn of the engine, and are applied with the next one, in their order. Where a subscription gets an event now and
 * then, turns and not events are what a hub's time goes into.
 */
import type { EngineEffect, EngineInput } from "@waybill/queue";

type Commit = Extract<EngineEffect, { type: "commit" }>;

/** What a client says of its handlers may not pile up. */
const WAITING_MAX = 16;

export class Patience {
  /** The latest commit, if the engine took nothing since and nothing in it is waited for: its answer changes nothing. */
  #silent = 0;

  /** The engine gave this out to be written. */
  sent(commit: Commit): void {
    this.#silent = isSilent(commit) ? commit.commit : 0;
  }

  /** The engine is about to take its inputs. */
  turned(): void {
    this.#silent = 0;
  }

  /** `waiting`: inputs that are not applied, this one included. `isWatched`: somebody waits for what becomes of it. */
  canWait(input: EngineInput, { waiting, isWatched }: { waiting: number; isWatched: boolean }): boolean {
    if (isWatched || waiting > WAITING_MAX) return false;
    if (input.type === "committed") return input.commit === this.#silent;
    return input.type === "settle" && isOnlyStarted(input);
  }
}

/** A key whose chunk is being written is read on when that is done; all else that waits makes a commit urgent [P2]. */
const isSilent = ({ urgent, write: { parked } }: Commit): boolean => !urgent && parked.put.length + parked.remove.length === 0;

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
