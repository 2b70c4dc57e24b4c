import { expect, test } from "vitest";
import { NextTurn } from "./next-turn.ts";

test("all who are due have their turn, in their order; who asks again meanwhile has the next one", async () => {
  const next = new NextTurn();
  const turns: string[] = [];
  const over = new Promise<void>((resolve) => {
    const again = {
      turn() {
        turns.push("again");
        if (turns.length > 2) resolve();
        else next.add(again);
      },
    };
    next.add(again);
    next.add({ turn: () => void turns.push("once") });
  });
  expect(turns).toEqual([]);
  await over;
  expect(turns).toEqual(["again", "once", "again"]);
});

test("news of a commit are handed on once all of them are known, and before those go on who wait for the commit", async () => {
  const next = new NextTurn();
  const order: string[] = [];
  const one = (name: string) => ({ turn: () => void order.push(name) });
  const { promise: commit, resolve } = Promise.withResolvers<void>();
  const stored = (name: string) => commit.then(() => next.addAtOnce(one(name)));
  const [first] = [stored("first"), stored("second")];
  const confirmed = first.then(() => order.push("confirmed"));
  next.add(one("earlier"));
  resolve();
  await confirmed;
  expect(order).toEqual(["earlier", "first", "second", "confirmed"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toHaveLength(4);
});
