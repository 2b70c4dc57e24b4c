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
