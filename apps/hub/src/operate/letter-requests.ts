import { adminRequests, HubError, limits, parseJson } from "@waybill/events";
import type { Engine, EngineInput } from "@waybill/queue";
import { letterAt, redrivesOf, type StoredLetter } from "../dispatch/dead-letter.ts";
import type { Runner } from "../dispatch/runner.ts";
import type { Handlers } from "../edge/handlers.ts";
import type { Desk } from "./desk.ts";
import { turnOf } from "./in-turn.ts";
import { idOf, type LetterFilter, lettersFrom, type Which } from "./letters-from.ts";
import { neighboursOf } from "./neighbours-of.ts";

const PAGE = 200;

/** `dead:list`, `dead:show`, `dead:redrive`, `dead:discard`. */
export function handleLetterRequests(on: Handlers<null>, desk: Desk): void {
  const { storage, inTurn } = desk.parts;

  on.request("dead:list", adminRequests["dead:list"].request, async ({ queue, group, after = 0, ...filter }) => {
    const { key } = await desk.row({ queue, group });
    const { letters, lookedTo, more } = await lettersFrom(storage, key, { which: filterOf(filter), after, limit: PAGE });
    return { outcome: "dead", letters: letters.map(summaryOf), lookedTo, more };
  });

  on.request("dead:show", adminRequests["dead:show"].request, async ({ offset, ...name }) => {
    const runner = await desk.runner(name);
    const letter = await letterAt(storage, runner.key, offset);
    if (!letter) throw new HubError("UNKNOWN_EVENT", `${runner.key.queue} ${runner.key.group} has no dead letter at offset ${offset}.`);
    const redriving = await runner.ask((engine) => engine.view().redrives.includes(offset));
    const order = await neighboursOf(storage, runner, letter, desk.parts.clock.nowMs());
    const event = parseJson(letter.body, `the dead letter ${offset}`);
    return { outcome: "letter", letter: { ...summaryOf(letter), event, notes: [...letter.notes], redriving, order } };
  });

  on.request("dead:redrive", adminRequests["dead:redrive"].request, async ({ dryRun = false, ...selection }) => {
    const runner = await desk.runner(selection);
    return inTurn(turnOf(runner.key), async () => {
      const { free, busy, ...page } = await select(runner, selection);
      if (!dryRun && free.length > 0) {
        const inputs = await redrivesOf(
          storage,
          runner.key,
          free.map((letter) => ({ letter, redrive: letter.redrive + 1 })),
        );
        await runner.operate(() => inputs);
        desk.audit("dead:redrive", runner.key, `${free.length} from ${free[0]?.offset}`);
      }
      return { outcome: "redriven", offsets: free.map(({ offset }) => offset), busy: busy.map(({ offset }) => offset), ...page };
    });
  });

  on.request("dead:discard", adminRequests["dead:discard"].request, async ({ dryRun = false, reason, ...selection }) => {
    const runner = await desk.runner(selection);
    return inTurn(turnOf(runner.key), async () => {
      const { free, busy, ...page } = await select(runner, selection);
      const offsets = free.map(({ offset }) => offset);
      const inHand: number[] = [];
      const discard = (engine: Engine): EngineInput[] => {
        for (const { offset } of busy) {
          const { redrive, reason: why } = engine.explain({ offset }, desk.parts.clock.nowMs());
          if (redrive === 0) continue; // Acked meanwhile: it is no dead letter any more.
          if (why.because === "in-hand" || why.because === "saving") inHand.push(offset);
          else offsets.push(offset);
        }
        return dryRun ? [] : offsets.map((offset) => ({ type: "discard", offset }));
      };
      await runner.operate(discard);
      if (!dryRun && offsets.length > 0) desk.audit("dead:discard", runner.key, `${offsets.join(" ")}: ${reason}`);
      return { outcome: "discarded", offsets: offsets.sort((a, b) => a - b), busy: inHand, ...page };
    });
  });

  /**
   * The letters that are meant, as they are stored. What is being sent again is known from before the read: a letter that is acked
   * between the two must not be sent or counted twice.
   */
  const select = async (runner: Runner, { which, after = 0, limit = limits.lettersPerRequestMax }: Selection) => {
    let redrives = new Set<number>();
    await runner.operate((engine) => {
      redrives = new Set(engine.view().redrives);
      return [];
    });
    const { letters, ...page } = await lettersFrom(storage, runner.key, { which, after, limit });
    const busy = letters.filter(({ offset }) => redrives.has(offset));
    return { free: letters.filter(({ offset }) => !redrives.has(offset)), busy, ...page };
  };
}

type Selection = { which: Which; after?: number | undefined; limit?: number | undefined };

const filterOf = ({ parcel, type }: LetterFilter): LetterFilter => ({ parcel, type });

const summaryOf = (letter: StoredLetter) => ({
  offset: letter.offset,
  parcel: letter.key,
  type: letter.type,
  id: idOf(letter),
  buriedAtMs: letter.buriedAtMs,
  redrive: letter.redrive,
  attempts: letter.notes.length,
  reason: letter.notes.at(-1)?.reason ?? "",
});
