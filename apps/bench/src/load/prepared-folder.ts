/** Data folders for `growth`: filled once for all runs of a command, and copied for each. */
import { cp } from "node:fs/promises";
import { type TempFolder, tempFolder } from "../crew/bench-hub.ts";
import type { Shape } from "./axes.ts";
import { fillFolder } from "./fill-folder.ts";

/** Other stores are numbered from here on. */
const AWAY_FROM = 1_000_000;
const IDLE_FROM = 2_000_000;
/** Stores that share the unsettled events. */
const AWAY_STORES = 100;

const numbered = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

export const idleStores = ({ idle }: Shape): number[] => numbered(IDLE_FROM, idle);

const filled = new Map<string, TempFolder>();
process.on("exit", () => {
  for (const folder of filled.values()) folder[Symbol.dispose]();
});

/** A copy, for one hub. */
export async function preparedFolder(shape: Shape, bytes: number): Promise<TempFolder> {
  const { stored, queues, idle, history } = shape;
  const name = JSON.stringify([stored, queues, idle, history, bytes]);
  const known = filled.get(name) ?? tempFolder();
  if (!filled.has(name)) {
    filled.set(name, known);
    await fill(known.path, shape, bytes);
  }
  const copy = tempFolder();
  await cp(known.path, copy.path, { recursive: true });
  return copy;
}

async function fill(folder: string, shape: Shape, bytes: number): Promise<void> {
  const { stored, queues, history } = shape;
  await fillFolder({
    folder,
    bytes,
    phase: "history",
    events: history,
    stores: numbered(0, queues),
    keys: history || null,
    settled: history > 0,
  });
  await fillFolder({ folder, bytes, phase: "idle", events: 0, stores: idleStores(shape) });
  await fillFolder({ folder, bytes, phase: "stored", events: stored, stores: numbered(AWAY_FROM, AWAY_STORES) });
}
