import { describe, expect, test } from "vitest";
import { compareDatabase } from "../src/index.ts";

const group = { generation: 7, ackedTo: 100 };
const compare = (offset: number, generation = 7, first = 3) => compareDatabase({ generation, offset }, group, first);

describe("a database of its own", () => {
  test("[J1] at or beyond what was acked it agrees, under whichever generation it came", () => {
    expect([compare(100), compare(101), compare(4_000), compare(100, 3)]).toEqual([
      { is: "agrees" },
      { is: "agrees" },
      { is: "agrees" },
      { is: "agrees" },
    ]);
  });

  test("[J2] before what was acked it is an older copy, of this generation or an earlier one", () => {
    expect([compare(99), compare(0), compare(40, 3)]).toEqual([
      { is: "behind", first: 100 },
      { is: "behind", first: 1 },
      { is: "behind", first: 41 },
    ]);
  });

  test("[J4] an empty one lacks all that was acked, and agrees when nothing was", () => {
    expect([compare(0, 1), compare(0, 9)]).toEqual([
      { is: "behind", first: 1 },
      { is: "behind", first: 1 },
    ]);
    expect(compareDatabase({ generation: 1, offset: 0 }, { generation: 7, ackedTo: 0 }, 3)).toEqual({ is: "agrees" });
  });

  test("[J3] of before a restore, or of a generation that the hub does not have, it is unknown", () => {
    expect([compare(100, 2), compare(40, 1), compare(100, 8)]).toEqual([{ is: "unknown" }, { is: "unknown" }, { is: "unknown" }]);
  });
});
