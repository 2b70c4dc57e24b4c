import type { Runner } from "../dispatch/runner.ts";

/** Parcels that one request for everything starts anew. */
const KEYS_MAX = 200;

/**
 * Whoever asks for all that is kept means also what stopped being offered, because nobody answered often enough. Not what clients died
 * of: that stays with the operator, or the next client would die of it as well.
 */
export async function revive(runner: Runner, interruptedMax: number): Promise<void> {
  if ((runner.look((engine) => engine.view().stuckKeys.length) ?? 0) === 0) return;
  const { attempts } = await runner.row();
  const deadly = new Set(attempts.filter(({ stuck, interrupted }) => stuck && interrupted >= interruptedMax).map(({ key }) => key));
  await runner.operate((engine) =>
    engine
      .view()
      .stuckKeys.filter((key) => !deadly.has(key))
      .slice(0, KEYS_MAX)
      .map((key) => ({ type: "retry-key", key })),
  );
}
