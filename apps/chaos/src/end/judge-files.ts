/** Feeds the checker from the run's files alone: clients' histories, stores' databases. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileOutbox } from "@waybill/client";
import { readHistory, readHistorySync } from "@waybill/testkit";
import { z } from "zod";
import type { createChecker } from "../checker/checker.ts";
import type { Findings } from "../checker/findings.ts";
import { judgeOldOrders, type OldOrders } from "../checker/old-orders.ts";
import type { Crew } from "../crew/crew.ts";
import { effectsFile } from "../workers/effects.ts";
import { oldRecordsIn } from "../workers/old-records.ts";
import { outboxFile } from "../workers/recorded-outbox.ts";

const effectRow = z.object({
  queue: z.string(),
  offset: z.number(),
  redrive: z.number(),
  id: z.string(),
  parcel: z.string(),
  producer: z.string(),
  n: z.number(),
  print: z.string(),
  vendor: z.string(),
});
const triesRow = z.object({ id: z.string(), count: z.number() });

export async function judgeFiles(
  checker: ReturnType<typeof createChecker>,
  { workers, stores, effectsDir }: Pick<Crew, "workers" | "stores" | "effectsDir">,
): Promise<void> {
  for (const { config } of workers) await checker.client(readHistory(join(config.dir, "history.jsonl")));
  for (const { config } of workers) {
    if (config.kind !== "driver") continue;
    for (const { name } of config.drivers) checker.outbox(await leftIn(outboxFile(config.dir, name)));
  }
  for (const store of stores) {
    const file = effectsFile(effectsDir, store);
    if (!existsSync(file)) continue;
    using db = new DatabaseSync(file);
    const effects = db.prepare('SELECT *, at AS "offset" FROM effects ORDER BY seq').iterate();
    const tries = db.prepare("SELECT id, count FROM tries").iterate();
    checker.store(store, parsed(effects, effectRow), parsed(tries, triesRow));
  }
}

/** Of the old parcel clients, where they take part: orders, and what became of them. */
export function judgeOldFiles(
  { workers, oldStore }: Pick<Crew, "workers" | "oldStore">,
  owed: { pending: number; stuck: number },
  findings: Findings,
): OldOrders | null {
  const worker = workers.find(({ kind }) => kind === "caps");
  if (!worker || !oldStore) return null;
  const records = oldRecordsIn(readHistorySync(join(worker.config.dir, "history.jsonl")));
  return judgeOldOrders({ records, stored: oldStore.stored, owed }, findings);
}

/** Of a publisher that was killed: ids that its outbox has not seen confirmed. */
async function leftIn(file: string): Promise<string[]> {
  if (!existsSync(file)) return [];
  const outbox = fileOutbox(file);
  const { lanes } = await outbox.open();
  await outbox.close();
  return [...lanes.values()].flatMap((lane) => lane.entries()).flatMap(({ event, body }) => (body === null ? [] : [event.id]));
}

function* parsed<T>(rows: Iterable<unknown>, schema: z.ZodType<T>): Generator<T> {
  for (const row of rows) yield schema.parse(row);
}
