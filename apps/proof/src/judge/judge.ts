/**
 * What a data folder must be after a kill or a power cut, by the history of who wrote it: whole; all that was told durable
 * is there as it was told; of what was intended and not told, all or nothing; and it goes on. The shipped storage opens
 * the folder; the model in memory, which did the same operations, says what it has to be.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openMemoryStorage, openSqliteStorage, type Storage, verifyFolder } from "@waybill/storage";
import { type HistoryLine, type Operation, perform, tenant } from "../workload/operation.ts";
import { scopeOf, snapshotOf } from "./snapshot.ts";

/** `lost`: something that was told durable is not there. */
export type Violation = { kind: "lost" | "damaged" | "refused" | "stuck"; what: string };
export type Judged = { violations: Violation[]; confirmedEvents: number };

type Step = { nowMs: number; operation: Operation; told: Extract<HistoryLine, { told: true }> | null };

export async function judge(folder: string, history: readonly HistoryLine[]): Promise<Judged> {
  const steps = stepsOf(history);
  const confirmedEvents = steps.reduce((sum, { told }) => sum + (told?.outcomes ?? []).filter((outcome) => outcome === "stored").length, 0);
  const violations = findDamage(folder, steps);
  if (violations.length > 0) return { violations, confirmedEvents };
  let storage: Storage;
  try {
    storage = await openSqliteStorage({ path: folder, ballastBytes: 0, wallMs: () => 1_000_000 });
  } catch (error) {
    return { violations: [{ kind: "refused", what: `the folder does not open: ${messageOf(error)}` }], confirmedEvents };
  }
  try {
    violations.push(...checkOpening(storage, steps), ...(await compare(storage, steps)), ...(await goesOn(storage)));
  } finally {
    await storage.close();
  }
  return { violations, confirmedEvents };
}

function stepsOf(history: readonly HistoryLine[]): Step[] {
  const steps = new Map<number, Step>();
  for (const line of history) {
    const step = steps.get(line.n);
    if ("intent" in line) steps.set(line.n, { nowMs: line.nowMs, operation: line.intent, told: null });
    else if (step !== undefined) step.told = line;
  }
  return [...steps.values()];
}

/** A folder that was killed while it was made may have no database yet. */
function findDamage(folder: string, steps: readonly Step[]): Violation[] {
  if (!existsSync(join(folder, "waybill.db")))
    return steps.some(({ told }) => told !== null) ? [{ kind: "lost", what: "the database is gone" }] : [];
  try {
    return verifyFolder(folder).findings.map(({ check, where, what }) => ({ kind: "damaged", what: `${check}: ${where}: ${what}` }));
  } catch (error) {
    return [{ kind: "damaged", what: messageOf(error) }];
  }
}

function checkOpening(storage: Storage, steps: readonly Step[]): Violation[] {
  const { storageId, epoch } = storage.info;
  return steps.flatMap(({ told }): Violation[] => {
    if (told?.storageId === undefined) return [];
    if (told.storageId !== storageId) return [{ kind: "lost", what: `the folder's id was ${told.storageId}, and is ${storageId}` }];
    return epoch > (told.epoch ?? 0) ? [] : [{ kind: "lost", what: `epoch ${told.epoch} was given out, and epoch ${epoch} again` }];
  });
}

/** [P1] [P2] The state after the last operation that was told, or after the one that was under way. */
async function compare(storage: Storage, steps: readonly Step[]): Promise<Violation[]> {
  const scope = scopeOf(steps.map(({ operation }) => operation));
  const from = new Map<string, number>();
  const mayTrim = steps.some(({ operation }) => operation.do === "trim");
  for (const queue of scope.queues) from.set(queue, (await storage.read(tenant, queue, 1, { eventsMax: 1, bytesMax: 1 })).firstKept);
  const trimmed = [...from].find(([, firstKept]) => firstKept > 1 && !mayTrim);
  if (trimmed !== undefined) return [{ kind: "lost", what: `${trimmed[0]} was trimmed to ${trimmed[1]}, which nobody asked for` }];

  const found = await snapshotOf(storage, scope, from);
  const model = await openMemoryStorage();
  let isTold = steps.length > 0;
  for (const { operation, nowMs, told } of steps) {
    if (told === null && isTold) {
      if (isSame(found, await snapshotOf(model, scope, from))) return [];
      isTold = false;
    }
    // How much a trim drops is the storage's own; what it may drop is checked by verify.
    if (operation.do !== "trim") await perform(model, operation, nowMs);
  }
  const expected = await snapshotOf(model, scope, from);
  return isSame(found, expected) ? [] : [{ kind: "lost", what: firstDifference(found, expected) }];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((line, i) => line === b[i]);

function firstDifference(found: readonly string[], expected: readonly string[]): string {
  const at = expected.findIndex((line, i) => line !== found[i]);
  return `expected ${expected[at] ?? "no more"}, found ${found[Math.max(0, at)] ?? "nothing"}`.slice(0, 600);
}

async function goesOn(storage: Storage): Promise<Violation[]> {
  const item = {
    tenant,
    from: { kind: "hub" as const },
    number: 0,
    home: "store/after",
    id: "after",
    type: "message",
    parcel: "p1",
    body: new TextEncoder().encode("{}"),
    copies: [],
  };
  const [outcome] = await storage.commit({ nowMs: 1, items: [item], progress: [] });
  return outcome?.outcome === "stored" ? [] : [{ kind: "stuck", what: `the next event was answered ${JSON.stringify(outcome)}` }];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
