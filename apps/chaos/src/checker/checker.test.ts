import { expect, test } from "vitest";
import type { Effect } from "../workers/effects.ts";
import type { ClientRecord, Invariant } from "../workers/records.ts";
import { createChecker } from "./checker.ts";
import type { HubAccount, StoredEvent, StuckEvent } from "./owed.ts";

type Histories = { clients: ClientRecord[]; left: string[]; effects: Effect[]; stored: StoredEvent[]; hub: HubAccount | null };

const names = ["e1", "e2", "e3", "e4"];
const effectOf = (id: string, offset: number): Effect => ({
  ...{ queue: "store/a", offset, redrive: 0, id, parcel: "p", producer: "d", n: offset, print: `print ${id}`, vendor: "v" },
});

/** Stuck, its attempts used up before the calm. */
const stuckAt = (offset: number, more: Partial<StuckEvent> = {}): StuckEvent => ({
  ...{ store: "a", parcel: "p", offset, failed: 6, interrupted: 0, attemptsMs: [1, 2, 3, 4, 5, 6], ...more },
});
/** Of a hub whose numbers agree with each other. */
const account = (pending: number, stuckEvents: StuckEvent[] = []): HubAccount => ({
  ...{ pending, stuck: stuckEvents.length, dead: 0, pendingOf: new Map([["a", pending]]), stuckEvents, calmFromMs: 100 },
});

/** Four events of one parcel, confirmed; three applied, the fourth stuck. */
function day(): Histories {
  const clients = names.flatMap((id, index): ClientRecord[] => [
    { kind: "intent", t: index, id, producer: "d", parcel: "p", store: "a", n: index + 1, print: `print ${id}` },
    { kind: "kept", t: index, ids: [id] },
    { kind: "answer", t: index, id, outcome: "stored", queue: "store/a", offset: index + 1 },
  ]);
  return {
    clients,
    left: [],
    effects: names.slice(0, 3).map((id, index) => effectOf(id, index + 1)),
    stored: names.map((id, index) => ({ store: "a", offset: index + 1, id, print: `print ${id}` })),
    hub: account(1, [stuckAt(4)]),
  };
}

async function judge({ clients, left, effects, stored, hub }: Histories) {
  const checker = createChecker({ vendors: new Map([["v", ["a"]]]), limits: { failedMax: 6, interruptedMax: 20 } });
  await checker.client(clients);
  checker.outbox(left);
  checker.store("a", effects, []);
  checker.audit(stored);
  checker.hub(hub);
  return checker.judge();
}

const intent = (id: string, n: number): Extract<ClientRecord, { kind: "intent" }> => ({
  ...{ kind: "intent", t: 9, id, producer: "d", parcel: "p", store: "a", n, print: `print ${id}` },
});

test("a good day has no violation, and its numbers add up", async () => {
  const judged = await judge(day());
  expect(judged.findings.examples).toEqual([]);
  expect(judged).toMatchObject({ published: 4, confirmed: 4, handled: 3, stuck: 1, behind: 0, refused: 0 });
});

const planted: [Invariant, string, (histories: Histories) => void][] = [
  [
    "I1",
    "confirmed, and nowhere",
    (h) => {
      h.stored.pop();
      h.hub = account(0);
    },
  ],
  ["I1", "settled without being applied, at the end of its parcel", (h) => void Object.assign(h, { hub: account(0) })],
  ["I1", "settled without being applied, in the middle", (h) => void h.effects.splice(1, 1)],
  [
    "I1",
    "the hub forgot what it confirmed, as the client saw",
    (h) => void h.clients.push({ kind: "broken", t: 9, invariant: "I1", message: "gone" }),
  ],
  ["I2", "applied and never published", (h) => void h.effects.push({ ...effectOf("e9", 9), parcel: "q" })],
  ["I2", "applied with another body", (h) => void Object.assign(h.effects[1] ?? {}, { print: "another" })],
  ["I2", "stored and never published", (h) => void h.stored.push({ store: "a", offset: 5, id: "e9", print: "?" })],
  ["I3", "applied at two places", (h) => void h.effects.push({ ...effectOf("e3", 7), n: 3 })],
  ["I4", "applied in another order", (h) => void h.effects.reverse()],
  [
    "I6",
    "confirmed at two places",
    (h) => void h.clients.push({ kind: "answer", t: 9, id: "e1", outcome: "duplicate", queue: "store/a", offset: 7 }),
  ],
  [
    "I6",
    "confirmed in another queue",
    (h) => void h.clients.push({ kind: "answer", t: 9, id: "e1", outcome: "stored", queue: "store/b", offset: 1 }),
  ],
  ["I6", "stored at two places", (h) => void h.stored.push({ store: "a", offset: 5, id: "e1", print: "print e1" })],
  [
    "I6",
    "stored elsewhere than confirmed",
    (h) => {
      Object.assign(h.stored[3] ?? {}, { offset: 5 });
      h.hub = account(1, [stuckAt(5)]);
    },
  ],
  [
    "I4",
    "applied though the one before it is stuck",
    (h) => void Object.assign(h, { hub: account(2, [stuckAt(3)]) }).effects.splice(2, 1, effectOf("e4", 4)),
  ],
  ["I7", "the hub says more is pending than is", (h) => void Object.assign(h, { hub: account(2, [stuckAt(4)]) })],
  ["I7", "the hub says less is pending than is stuck", (h) => void Object.assign(h, { hub: account(0, [stuckAt(4)]) })],
  [
    "I7",
    "applied, settled by nobody, and not stuck",
    (h) => void Object.assign(h, { effects: names.map((id, index) => effectOf(id, index + 1)), hub: account(2) }),
  ],
  ["I7", "the hub's metrics and its list are two opinions", (h) => void Object.assign(h.hub ?? {}, { pending: 2 })],
  ["I7", "the hub says more is stuck than it lists", (h) => void Object.assign(h.hub ?? {}, { stuck: 2 })],
  ["I7", "stuck where nothing is stored", (h) => void Object.assign(h, { hub: account(1, [stuckAt(4), stuckAt(9, { parcel: "q" })]) })],
  ["I7", "stuck with attempts left", (h) => void Object.assign(h, { hub: account(1, [stuckAt(4, { failed: 5, interrupted: 19 })]) })],
  [
    "I7",
    "its acks were not taken in the calm",
    (h) => void Object.assign(h, { hub: account(2, [stuckAt(3, { attemptsMs: [1, 2, 3, 4, 101, 103] })]) }),
  ],
  ["I7", "buried, with policy block", (h) => void Object.assign(h.hub ?? {}, { dead: 1 })],
  ["I8", "waits, and nothing holds it up", (h) => void Object.assign(h, { hub: account(1) })],
  ["I8", "the hub is silent at the end", (h) => void Object.assign(h, { hub: null })],
  ["I9", "given to a vendor of another store", (h) => void Object.assign(h.effects[0] ?? {}, { vendor: "w" })],
  ["I10", "left the outbox without an answer", (h) => void h.clients.push(intent("e5", 5), { kind: "kept", t: 9, ids: ["e5"] })],
  [
    "I11",
    "refused, and stored",
    (h) => {
      h.clients.push(intent("e5", 5), { kind: "refused", t: 9, id: "e5", code: "CLAIM_LOST" });
      h.stored.push({ store: "a", offset: 5, id: "e5", print: "print e5" });
      h.hub = account(2, [stuckAt(4)]);
    },
  ],
  [
    "I12",
    "settled by a stale owner",
    (h) => {
      h.clients.push({ kind: "fenced", t: 9, id: "e4" });
      h.hub = account(0);
    },
  ],
];

test.each(planted)("[%s] %s: found, and nothing else", async (invariant, _name, plant) => {
  const histories = day();
  plant(histories);
  const { counts } = (await judge(histories)).findings;
  const found = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [name] : []));
  expect(found).toEqual([invariant]);
});

test("what two rules see is counted by both", async () => {
  const countOf = async (plant: (histories: Histories) => void) => {
    const histories = day();
    plant(histories);
    return (await judge(histories)).findings.counts;
  };
  // A falling number, and a falling offset; twice each.
  expect(await countOf((h) => void h.effects.reverse())).toMatchObject({ I4: 4 });
  // Two answers, and the audit.
  const answer: ClientRecord = { kind: "answer", t: 9, id: "e1", outcome: "duplicate", queue: "store/a", offset: 7 };
  expect(await countOf((h) => void h.clients.push(answer))).toMatchObject({ I6: 2 });
  // The store, and the audit.
  expect(await countOf((h) => void h.clients.push({ kind: "refused", t: 9, id: "e1", code: "CLAIM_LOST" }))).toMatchObject({ I11: 2 });
  // The audit alone.
  expect(await countOf((h) => void Object.assign(h.stored[0] ?? {}, { print: "another" }))).toMatchObject({ I2: 1 });
});

const allowed: [string, (histories: Histories) => void][] = [
  ["no answer, and stored", (h) => void h.clients.splice(10)],
  [
    "no answer, and nowhere",
    (h) => {
      h.clients.splice(10);
      h.stored.pop();
      h.hub = account(0);
    },
  ],
  [
    "told again, with the same place or without one",
    (h) =>
      void h.clients.push(
        { kind: "answer", t: 9, id: "e1", outcome: "duplicate", queue: "store/a", offset: 1 },
        { kind: "answer", t: 9, id: "e1", outcome: "duplicate", queue: "store/a", offset: 0 },
      ),
  ],
  [
    "a stale owner's word of which nobody knows when it came",
    (h) => {
      h.clients.push({ kind: "unclear", t: 9, id: "e4" });
      h.hub = account(0);
    },
  ],
  [
    "applied and stuck: each of its acks was lost, and those of the one behind it",
    (h) => void Object.assign(h, { hub: account(3, [stuckAt(2)]) }),
  ],
  [
    "stuck by deaths alone, the last one in the calm",
    (h) => void Object.assign(h, { hub: account(2, [stuckAt(3, { failed: 0, interrupted: 20, attemptsMs: [1, 101] })]) }),
  ],
  [
    "kept, not answered, and still in the outbox; or answered, and the outbox's file is a moment behind",
    (h) => {
      h.clients.push(intent("e5", 5), { kind: "kept", t: 9, ids: ["e5"] });
      h.left.push("e5", "e1");
    },
  ],
  [
    "a kept event that was refused",
    (h) =>
      void h.clients.push(intent("e5", 5), { kind: "kept", t: 9, ids: ["e5"] }, { kind: "refused", t: 9, id: "e5", code: "CLAIM_LOST" }),
  ],
];

test.each(allowed)("allowed: %s", async (_name, plant) => {
  const histories = day();
  plant(histories);
  expect((await judge(histories)).findings.examples).toEqual([]);
});

test("a loss is told by its place: a cut log, or a hole", async () => {
  const suffix = day();
  suffix.stored.pop();
  const hole = day();
  hole.stored.splice(1, 1);
  expect((await judge(suffix)).findings.examples[0]?.message).toContain("suffix");
  expect((await judge(hole)).findings.examples[0]?.message).toContain("middle");
});

test("an answer without an intent, or one id for two events, cannot be judged", async () => {
  const histories = day();
  await expect(judge({ ...histories, clients: histories.clients.slice(1) })).rejects.toThrow("no intent");
  const changed = { ...intent("e1", 1), print: "another" };
  await expect(judge({ ...histories, clients: [...histories.clients, changed] })).rejects.toThrow("two different events");
});

test("time is linear: forty thousand events on one parcel", async () => {
  const ids = Array.from({ length: 40_000 }, (_, index) => index + 1);
  const judged = await judge({
    left: [],
    clients: ids.flatMap((n) => [
      intent(`e${n}`, n),
      { kind: "answer", t: n, id: `e${n}`, outcome: "stored", queue: "store/a", offset: n },
    ]),
    effects: ids.map((n) => effectOf(`e${n}`, n)),
    stored: ids.map((n) => ({ store: "a", offset: n, id: `e${n}`, print: `print e${n}` })),
    hub: account(0),
  });
  expect(judged).toMatchObject({ confirmed: 40_000, handled: 40_000, stuck: 0 });
  expect(judged.findings.isClean()).toBe(true);
});
