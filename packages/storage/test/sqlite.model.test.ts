/** Any batches in any order: SQLite answers and reads as the model in memory does, whatever was sealed and opened again. */
import type { Claim } from "@waybill/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AppendItem, openMemoryStorage, openSqliteStorage, type Storage, type StoredEvent, type VoidItem } from "../src/index.ts";
import { byHub, everything, numbered, plain, tenant, textOf, voidOf, writeProgress } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

const homes = ["store/a", "store/b"] as const;
const queues = [...homes, "zone/z"];
const producers = ["outbox", "p2"];

const choice = fc.record({
  kind: fc.constantFrom("numbered", "numbered", "numbered", "void", "plain", "hub", "claim"),
  home: fc.constantFrom(...homes),
  who: fc.nat(1),
  /** Where in its lane: mostly the next number, now and then an old one or a gap. */
  step: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.integer({ min: -12, max: 3 }) }),
  impostor: fc.boolean(),
  id: fc.nat(25),
  isCopied: fc.boolean(),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;
const command = fc.oneof(
  { weight: 10, arbitrary: fc.record({ type: fc.constant("batch" as const), choices: fc.array(choice, { minLength: 1, maxLength: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("settle" as const), home: fc.constantFrom(...homes), share: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.constant({ type: "reopen" as const }) },
);

/** Numbers are chosen as a producer would: from where its lanes stand, advanced by what it hands over now. */
async function itemsOf(model: Storage, choices: readonly Choice[]): Promise<(AppendItem | VoidItem)[]> {
  const next = new Map<string, number>();
  for (const producer of producers) {
    const numbers = await model.lanes(tenant, producer, homes);
    for (const [i, home] of homes.entries()) next.set(`${producer} ${home}`, numbers[i] ?? 0);
  }
  return choices.map(({ kind, home, who, step, impostor, id, isCopied }) => {
    const producer = kind === "void" ? "outbox" : (producers[who] ?? "outbox");
    const number = Math.max(1, (next.get(`${producer} ${home}`) ?? 0) + step);
    const copies = isCopied ? [{ queue: "zone/z" }] : [];
    if (kind === "numbered" || kind === "void") next.set(`${producer} ${home}`, Math.max(number, next.get(`${producer} ${home}`) ?? 0));
    if (kind === "numbered") return numbered(number, { producer, home, copies, ...(impostor && step < 1 ? { id: `impostor-${id}` } : {}) });
    if (kind === "void") return voidOf(number, home);
    if (kind === "plain") return plain(`x${id}`, { subject: `subject ${who}`, home, copies });
    const claim: Claim = { state: "taken", epoch: id % 3, store: "a", zone: "z", sinceMs: id, driver: `d${who}` };
    const moved = kind === "claim" && claim.epoch > 0 ? { parcel: `c${who}`, claim: { expectEpoch: claim.epoch - 1, next: claim } } : {};
    return byHub(`h${id}`, { home, copies, ...moved });
  });
}

const plainEvent = ({ body, ...rest }: StoredEvent) => ({ ...rest, text: textOf(body) });
async function visible(storage: Storage) {
  const events = await Promise.all(queues.map(async (queue) => (await storage.read(tenant, queue, 1, everything)).events.map(plainEvent)));
  const lanes = await Promise.all(producers.map((producer) => storage.lanes(tenant, producer, homes)));
  return { events, lanes, claims: await storage.claims(tenant, ["c0", "c1"]), work: await storage.subscriptions(tenant, null, 100) };
}

test("[P1] [P3] [P4] [P6] [P7] [P8] [P12] SQLite agrees with the model", { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(
    fc.array(command, { minLength: 5, maxLength: 30 }),
    fc.constantFrom(1, 7, 16, 64),
    async (commands, segmentEvents) => {
      const path = newFolder();
      const open = () => openSqliteStorage({ path, segmentEvents, ballastBytes: 0 });
      const model = await openMemoryStorage();
      let storage = await open();
      try {
        for (const [i, one] of commands.entries()) {
          if (one.type === "batch") {
            const batch = { nowMs: 1_000 + i * 10, items: await itemsOf(model, one.choices), progress: [] };
            expect(await storage.commit(batch)).toEqual(await model.commit(batch));
          } else if (one.type === "settle") {
            const key = { tenant, queue: one.home, group: "main" };
            const { head } = await model.read(tenant, one.home, 1, everything);
            const progress = {
              generation: 1,
              cursor: Math.floor((head * one.share) / 100),
              open: [],
              offeredTo: 0,
              ackedTo: 0,
              paused: false,
            };
            await writeProgress(model, key, { progress });
            await writeProgress(storage, key, { progress });
          } else {
            await storage.close();
            storage = await open();
          }
        }
        expect(await visible(storage)).toEqual(await visible(model));
        await storage.close();
        storage = await open();
        expect(await visible(storage)).toEqual(await visible(model));
      } finally {
        await storage.close();
        removeFolder(path);
      }
    },
  );
  await fc.assert(property, { numRuns: 6 });
});
