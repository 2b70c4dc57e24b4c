import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { bytes, numbered, plain, voidOf } from "../../../test/conformance/items.ts";
import type { AppendItem, VoidItem } from "../../port.ts";
import { encodeBatch } from "../codec/batch-codec.ts";
import { migrate } from "../migrate.ts";
import type { TailIndex } from "../shared/tail-index.ts";
import { newTailPosition } from "../shared/tail-positions.ts";
import { decodeOutcomes } from "./outcomes.ts";
import { openState, type State } from "./state.ts";

const limits = { segmentEvents: 20, segmentBytes: 1_000_000, queueEventsMax: 1_000 };
const offered = (id: string) => ({ id, type: "ready", homeOffset: 1, body: bytes(`{"again":"${id}"}`) });

function append({ appender }: State, items: readonly (AppendItem | VoidItem)[], nowMs: number): string[] {
  return decodeOutcomes(appender.append(encodeBatch(items), nowMs)).map(({ outcome }) => outcome);
}

/** All that an index says, place by place. */
function contents(index: TailIndex): unknown {
  return index.segments.map((segment) => {
    const places = [...segment.places].map(([name, place]) => {
      const positions = Array.from({ length: place.count }, (_, i) => {
        const position = newTailPosition();
        return { seq: segment.read(place, i, position), ...position };
      });
      return { name, first: place.first, voids: place.voids, positions };
    });
    const { id, firstSeq, lastSeq, events, plainFacts, bytes: size, firstMs, lastMs } = segment;
    return { id, firstSeq, lastSeq, events, plainFacts, size, firstMs, lastMs, places };
  });
}

test("what is indexed as it is appended is what a start finds in the rows", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const state = openState(db, limits);
  const repeated = [numbered(1), numbered(2), numbered(1), numbered(3, { home: "store/acme" }), numbered(4)];
  expect(append(state, repeated, 1_000), "a repeat behind new events: two rows").toEqual([
    "stored",
    "stored",
    "duplicate",
    "stored",
    "stored",
  ]);
  expect(state.index.lastSeq).toBe(2);
  const copied = [
    numbered(5, {
      copies: [{ queue: "zone/north" }, { queue: "driver/7", event: offered("a") }, { queue: "driver/8", event: offered("b") }],
    }),
    voidOf(6),
    plain("p-1", { copies: [{ queue: "driver/7" }] }),
    numbered(1, { producer: "other", home: "store/bravo" }),
    voidOf(8),
  ];
  expect(append(state, copied, 1_001)).toEqual(["stored", "void", "stored", "stored", "gap"]);
  for (let i = 0; i < 6; i++)
    append(
      state,
      [1, 2, 3, 4, 5].map((n) => numbered(i * 5 + n, { producer: "third", home: "store/charlie" })),
      2_000 + i,
    );
  expect(state.index.segments.length).toBeGreaterThan(1);
  expect(contents(state.index)).toEqual(contents(openState(db, limits).index));
  db.close();
});
