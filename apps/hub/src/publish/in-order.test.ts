import { expect, test } from "vitest";
import { InOrder } from "./in-order.ts";

function order() {
  const done: string[] = [];
  const inOrder = new InOrder();
  const publish = (name: string, prepare: () => Promise<void> | null = () => null) =>
    inOrder.handOver(
      () => {
        done.push(`prepare ${name}`);
        return prepare();
      },
      async () => {
        done.push(`append ${name}`);
        return name;
      },
    );
  return { done, publish };
}

test("what has nobody before it, and nothing to look up, is handed over at once", () => {
  const { done, publish } = order();
  void publish("a");
  void publish("b");
  expect(done).toEqual(["prepare a", "append a", "prepare b", "append b"]);
});

test("what has to wait is overtaken by nothing, and nobody waits for what becomes of it", async () => {
  const { done, publish } = order();
  const lookup = Promise.withResolvers<void>();
  const a = publish("a", () => lookup.promise);
  const all = [a, publish("b"), publish("c", () => Promise.resolve()), publish("d")];
  expect(done).toEqual(["prepare a"]);
  lookup.resolve();
  expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  expect(done).toEqual(["a", "b", "c", "d"].flatMap((name) => [`prepare ${name}`, `append ${name}`]));
  void publish("e");
  expect(done.slice(-2)).toEqual(["prepare e", "append e"]);
});

test("what waits behind another is not overtaken when only that one is handed over", async () => {
  const { done, publish } = order();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const a = publish("a", () => first.promise);
  const b = publish("b", () => second.promise);
  first.resolve();
  expect(await a).toBe("a");
  const c = publish("c");
  expect(done).not.toContain("append c");
  second.resolve();
  expect(await Promise.all([b, c])).toEqual(["b", "c"]);
  expect(done.filter((step) => step.startsWith("append"))).toEqual(["append a", "append b", "append c"]);
});

test("one that could not be looked up is told, and those behind it go on", async () => {
  const { done, publish } = order();
  const failed = publish("a", () => Promise.reject(new Error("no disk")));
  const next = publish("b");
  await expect(failed).rejects.toThrow("no disk");
  expect(await next).toBe("b");
  expect(done).toEqual(["prepare a", "prepare b", "append b"]);
});
