import { expect, test } from "vitest";
import { type Effect, History } from "./history.ts";
import { type Account, judge, type KeptEvent } from "./judge.ts";

const queue = "store/s1";
const print = (id: string): string => `what ${id} says`;

/** Two events of one parcel, published, confirmed, kept, and applied in their order. */
function day(): { history: History; kept: KeptEvent[]; account: Account; effects: Effect[] } {
  const history = new History();
  const ids = ["e1", "e2"];
  for (const [at, id] of ids.entries()) {
    const told = { isKept: true, isConfirmed: true, offset: at + 1, refusedWith: null, notBeforeMs: null };
    history.publications.set(id, { id, by: "d1", parcel: "p1", store: "s1", n: at + 1, print: print(id), ...told });
  }
  const kept = ids.map((id, at) => ({
    queue,
    offset: at + 1,
    id,
    type: "delivered",
    parcel: "p1",
    print: print(id),
    isHome: true,
    driver: null,
  }));
  const effects = ids.map((id, at) => ({ queue, group: "main", offset: at + 1, redrive: 0, id, parcel: "p1", print: print(id), by: "v1" }));
  return { history, kept, effects, account: { queue, group: "main", head: 2, floor: 2, pending: 0, stuck: 0, dead: [] } };
}

function found({ history, kept, effects, account }: ReturnType<typeof day>): string[] {
  for (const [at, effect] of effects.entries()) history.apply(effect, { of: "p1", token: `1.${at + 1}` });
  judge(history, kept, [account]);
  return history.findings.map(({ invariant }) => invariant);
}

/** Numbers of the two events at their publishers. */
function numbered(history: History, ...numbers: number[]): void {
  for (const [at, publication] of [...history.publications.values()].entries()) publication.n = numbers[at] ?? 0;
}

const planted: Record<string, (today: ReturnType<typeof day>) => void> = {
  "I1 a confirmed event is not kept": ({ kept, effects, account }) => {
    kept.pop();
    effects.pop();
    account.head = account.floor = 1;
  },
  "I1 an event was settled and never applied": ({ effects }) => void effects.pop(),
  "I2 an event was applied with other contents": ({ effects }) => void Object.assign(effects[0] ?? {}, { print: "something else" }),
  "I2 nobody published an event that is kept": ({ history }) => void history.publications.delete("e1"),
  "I4 a publisher's events are kept in another order": ({ history }) => numbered(history, 2, 1),
  "I4 a parcel's events were applied in the wrong order": ({ effects }) => void effects.reverse(),
  "I6 an event was confirmed at another offset": ({ history }) => void Object.assign(history.publications.get("e1") ?? {}, { offset: 7 }),
  "I7 the hub counts other than the disk": ({ account }) => void Object.assign(account, { head: 3, floor: 3 }),
  "I8 something is still owed": ({ account, effects }) => {
    effects.pop();
    Object.assign(account, { floor: 1, pending: 1 });
  },
  "I10 an event left its outbox without an answer": ({ history }) => {
    const lost = { id: "e3", by: "d2", parcel: "p2", store: "s1", n: 1, print: "", isConfirmed: false, offset: 0 };
    history.publications.set("e3", { ...lost, isKept: true, refusedWith: null, notBeforeMs: null });
  },
  "I11 a refused event is kept": ({ history }) => void Object.assign(history.publications.get("e1") ?? {}, { refusedWith: "CLAIM_LOST" }),
  "I12 a job was given to two drivers": ({ history }) => {
    for (const driver of ["d1", "d2"]) history.taken.push({ parcel: "p9", driver, claim: 2 });
  },
};

test("a good day is clean", () => {
  expect(found(day())).toEqual([]);
});

test.each(Object.keys(planted))("[%s] is found", (name) => {
  const today = day();
  planted[name]?.(today);
  expect(found(today)).toContain(name.split(" ")[0]);
});

test("[I3] an event that is kept twice is applied twice", () => {
  const today = day();
  const again = { offset: 3, id: "e1", print: print("e1") };
  today.kept.push({ queue, type: "delivered", parcel: "p1", isHome: true, driver: null, ...again });
  today.effects.push({ queue, group: "main", redrive: 0, parcel: "p1", by: "v1", ...again });
  today.account.head = today.account.floor = 3;
  expect(found(today)).toEqual(expect.arrayContaining(["I3", "I6"]));
});

test("[I3] a handler that had returned is not called again in its process", () => {
  const history = new History();
  history.began("v1.1", "store/s1 main 1/0", "e1");
  history.done("v1.1", "store/s1 main 1/0");
  history.began("v1.2", "store/s1 main 1/0", "e1");
  expect(history.findings).toEqual([]);
  history.began("v1.1", "store/s1 main 1/0", "e1");
  expect(history.findings).toMatchObject([{ invariant: "I3" }]);
});

test("[D1] a delayed event is offered when its time has come, and not before; a redrive goes at once", () => {
  const { history } = day();
  Object.assign(history.publications.get("e1") ?? {}, { notBeforeMs: 5_000 });
  history.offered("e1", { hubMs: 5_000, redrive: 0 });
  history.offered("e1", { hubMs: 4_000, redrive: 1 });
  history.offered("e2", { hubMs: 0, redrive: 0 });
  expect(history.findings).toEqual([]);
  history.offered("e1", { hubMs: 4_999, redrive: 0 });
  expect(history.findings).toMatchObject([{ invariant: "D1" }]);
});

test("[R1] a receipt is told when the store has handled the event, or its dead letter was deleted; before, it is found", () => {
  const { history, effects } = day();
  const [effect] = effects;
  if (effect) history.apply(effect, { of: "p1", token: "1.1" });
  history.processed("e1", { queue, offset: 1 });
  history.discarded.add(`${queue} main 3`);
  history.processed("e3", { queue, offset: 3 });
  expect(history.findings).toEqual([]);
  history.processed("e2", { queue, offset: 2 });
  expect(history.findings).toMatchObject([{ invariant: "R1" }]);
});

test("a write under an older token than one that was seen is refused", () => {
  const { history, effects } = day();
  const [effect] = effects;
  history.guard("p1", "2.5");
  expect(effect && history.apply(effect, { of: "p1", token: "1.9" })).toBe(false);
  expect(effect && history.apply(effect, { of: "p1", token: "2.5" })).toBe(true);
  expect(history.effects).toHaveLength(1);
});

test("what is a dead letter, deleted by an operator, or told as a gap is not lost", () => {
  for (const excuse of ["dead", "discarded", "gap"]) {
    const today = day();
    today.effects.pop();
    if (excuse === "dead") today.account.dead = [2];
    if (excuse === "discarded") today.history.discarded.add(`${queue} main 2`);
    if (excuse === "gap") today.history.gaps.push({ of: `${queue} main`, from: 2, to: 2 });
    expect(found(today)).toEqual([]);
  }
});

test("what two publishers published of one parcel has no order", () => {
  const today = day();
  numbered(today.history, 2, 1);
  Object.assign(today.history.publications.get("e2") ?? {}, { by: "d2" });
  expect(found(today)).toEqual([]);
});
