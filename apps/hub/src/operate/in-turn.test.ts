import { expect, test } from "vitest";
import { createInTurn } from "./in-turn.ts";

test("tasks of one name follow each other, also after one that failed; other names do not wait", async () => {
  const inTurn = createInTurn();
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const a1 = inTurn("a", async () => {
    await first.promise;
    order.push("a1");
    throw new Error("the first fails");
  });
  const a2 = inTurn("a", async () => void order.push("a2"));
  await inTurn("b", async () => void order.push("b"));
  first.resolve();
  await expect(a1).rejects.toThrow("the first fails");
  await a2;
  expect(order).toEqual(["b", "a1", "a2"]);
});
