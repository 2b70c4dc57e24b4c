import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate } from "../migrate.ts";
import { Events } from "../shared/events.ts";
import { TailIndex } from "../shared/tail-index.ts";
import { Lanes } from "./lanes.ts";

const place = "default/store/s1";
const lanesMax = 100;

test("beyond their bound, lanes whose rows say all there is are forgotten, and only then", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const lanes = new Lanes(db, new Events(db, new TailIndex()), lanesMax);
  const setRow = (number: number): void => void db.prepare("INSERT OR REPLACE INTO lane VALUES (?, 'sealed', ?, 0)").run(place, number);
  const sealedNumber = (): number => lanes.get(place, "sealed").number;

  setRow(5);
  expect(sealedNumber()).toBe(5);
  const inTail = lanes.get(place, "in the tail");
  inTail.tailSegment = 2;
  setRow(6);
  lanes.sealedThrough(1);
  expect(sealedNumber(), "few lanes: kept").toBe(5);

  for (let i = 0; i < lanesMax; i++) lanes.get(`default/store/t${i}`, `producer-${i % 8}`);
  lanes.sealedThrough(1);
  expect(sealedNumber(), "too many: read again").toBe(6);
  expect(lanes.get(place, "in the tail")).toBe(inTail);

  setRow(7);
  lanes.sealedThrough(1);
  expect(sealedNumber(), "few again: kept").toBe(6);
  db.close();
});
