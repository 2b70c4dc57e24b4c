import { expect, test } from "vitest";
import { bytes, numbered, plain, voidOf } from "../../../test/conformance/items.ts";
import { BatchReader, encodeBatch, newItemView } from "./batch-codec.ts";

const copyOf = (id: string) => ({ id, type: "ready", homeOffset: 1, body: bytes(`copy ${id}`) });

test("each item of a batch comes with its own bodies, whatever stands before it", () => {
  const batch = new BatchReader(
    encodeBatch([
      numbered(1, { body: "one", copies: [{ queue: "zone/north" }, { queue: "driver/7", event: copyOf("a") }] }),
      voidOf(2),
      plain("p", {
        body: "",
        copies: [
          { queue: "driver/7", event: copyOf("b") },
          { queue: "driver/8", event: copyOf("c") },
        ],
      }),
      numbered(3, {
        body: "three",
        claim: { expectEpoch: 0, next: { state: "free", epoch: 1, store: "acme", zone: "north", sinceMs: 1 } },
      }),
    ]),
  );
  const text = (from: number, to: number): string => batch.bytes.toString("utf8", from, to);
  const item = newItemView();
  const found = Array.from({ length: batch.count }, () => {
    batch.next(item);
    if (item.isVoid) return "void";
    return [text(item.bodyFrom, item.bodyTo), ...item.copies.map((copy) => (copy.own ? text(copy.bodyFrom, copy.bodyTo) : "the same"))];
  });
  expect(found).toEqual([["one", "the same", "copy a"], "void", ["", "copy b", "copy c"], ["three"]]);
});
