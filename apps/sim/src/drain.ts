/**
 * After the heal: the backlog drains by itself, and operators come when nothing goes on by itself, and now and then in any case. It is
 * over when they found nothing to do, nothing happened meanwhile, and nobody waits for a receipt. Looking costs the processor, waiting does not: a look of operators
 * costs as much as two events.
 */
import type { ClientProgram } from "./crew/client-program.ts";
import type { Operator } from "./crew/operator.ts";
import type { Stage } from "./crew/stage.ts";
import type { Account } from "./judge/judge.ts";

/** Virtual time that the drain may take when all is healed. [I8] */
const DRAIN_MS = 180_000;
const LOOK_MS = 700;
/** As long as something rests, each look is twice as late as the one before. */
const LOOK_MS_MAX = 5_600;
const LOOKS_UNTIL_OPERATORS = 10;

/** What the hub says of its subscriptions when all is over; nothing: it is not over in time. */
export function drain(stage: Stage, operator: Operator, clients: ReadonlyMap<string, ClientProgram>): readonly Account[] {
  const { world, history, storage } = stage;
  const { director } = world;
  let accounts: readonly Account[] | null = null;
  const happened = (): number => storage.kept.length + history.effects.length;
  const isQuiet = (): boolean => [...clients.values()].every((client) => client.isQuiet);
  const isTold = (): boolean => [...clients.values()].every((client) => client.isTold);
  let before = happened();
  let looks = 0;
  let waitMs = LOOK_MS;
  const lookLater = (): void => void world.after(waitMs, director, look);
  const look = (): void => {
    const now = happened();
    const wasQuiet = now === before && isQuiet();
    before = now;
    if (!wasQuiet) waitMs = LOOK_MS;
    if (wasQuiet || ++looks % LOOKS_UNTIL_OPERATORS === 0) ask(wasQuiet, now);
    else lookLater();
  };
  const ask = (wasQuiet: boolean, then: number): void => {
    operator.tidyUp((found) => {
      const isQuietStill = wasQuiet && isQuiet() && happened() === then;
      if (found !== null && isQuietStill && isTold()) {
        accounts = found;
        return;
      }
      waitMs = isQuietStill ? Math.min(waitMs * 2, LOOK_MS_MAX) : LOOK_MS;
      lookLater();
    });
  };
  lookLater();
  const isDrained = world.run(world.nowMs + DRAIN_MS, () => accounts !== null);
  if (!isDrained) history.find("I8", `Not drained ${DRAIN_MS / 1_000} s after the last fault: ${owed(stage, clients)}.`);
  return accounts ?? [];
}

function owed({ history, storage }: Stage, clients: ReadonlyMap<string, ClientProgram>): string {
  const outboxes = [...clients.values()].flatMap(({ name, pending }) => (pending > 0 ? [`${name} holds ${pending}`] : []));
  const untold = [...clients.values()].flatMap(({ name, isTold }) => (isTold ? [] : [`${name} waits for a receipt`]));
  return [...outboxes, ...untold, `${history.effects.length} effects of ${storage.kept.length} events`].join(", ");
}
