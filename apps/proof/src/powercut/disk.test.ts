import { createChance } from "@waybill/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Call, parseLog } from "../strace/parse-log.ts";
import { Disk, type Fate } from "./disk.ts";
import { outcomesOf } from "./fates.ts";

const hex = (text: string): string => [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const make = (path: string): string => `1 openat(AT_FDCWD<${hex("/")}>, "${hex(path)}", O_RDWR|O_CREAT, 0644) = 3<${hex(path)}>`;
const write = (path: string, text: string, at: number): string =>
  `1 pwrite64(3<${hex(path)}>, "${hex(text)}", ${text.length}, ${at}) = ${text.length}`;
const sync = (path: string): string => `1 fsync(3<${hex(path)}>) = 0`;
const truncate = (path: string, size: number): string => `1 ftruncate(3<${hex(path)}>, ${size}) = 0`;
const rename = (path: string, to: string): string => `1 rename("${hex(path)}", "${hex(to)}") = 0`;
const remove = (path: string): string => `1 unlink("${hex(path)}") = 0`;

const everything = 1_000_000;
const callsOf = (...lines: string[]): Call[] => parseLog(`${lines.join("\n")}\n`);
const diskOf = (...lines: string[]): Disk => new Disk(callsOf(...lines), () => true);
const filesOf = (disk: Disk, cut: number, fates: readonly Fate[] = [], names = 0): Record<string, string> =>
  Object.fromEntries([...disk.contentAt(cut, fates, names)].map(([path, bytes]) => [path, bytes.toString()]));

describe("the disk's word", () => {
  test("what was synced before the cut is there, what was not may be lost, and what came later never is there", () => {
    const disk = diskOf(make("/d/a"), write("/d/a", "one", 0), sync("/d/a"), sync("/d"), write("/d/a", "two", 3), write("/d/a", "x", 9));
    expect(filesOf(disk, 4.5, ["lost"])).toEqual({ "/d/a": "one" });
    expect(filesOf(disk, 4.5, ["whole"])).toEqual({ "/d/a": "onetwo" });
    expect(disk.pendingAt(4.5).changes.length).toBe(1);
    expect(disk.pendingAt(3.5).changes.length).toBe(0);
  });

  test("a sync covers what had returned before it began, of its own file", () => {
    const disk = diskOf(
      make("/d/a"),
      make("/d/b"),
      sync("/d"),
      `2 pwrite64(3<${hex("/d/a")}>, "${hex("late")}", 4, 0 <unfinished ...>`,
      sync("/d/a"),
      "2 <... pwrite64 resumed>) = 4",
      write("/d/b", "b", 0),
      sync("/d/a"),
    );
    expect(disk.pendingAt(6.5).changes.length).toBe(2);
    expect(filesOf(disk, everything, ["lost"])).toEqual({ "/d/a": "late", "/d/b": "" });
  });

  test("a sync that has not returned promises nothing", () => {
    const disk = diskOf(make("/d/a"), sync("/d"), write("/d/a", "one", 0), `1 fsync(3<${hex("/d/a")}> <unfinished ...>`);
    expect(filesOf(disk, everything, ["lost"])).toEqual({ "/d/a": "" });
  });

  test("a torn write is there in parts of 512 bytes of the file", () => {
    const disk = diskOf(make("/d/a"), sync("/d"), write("/d/a", "a".repeat(1_024), 256));
    const [content] = [...disk.contentAt(everything, [{ sectors: [false, true, false] }], 0).values()];
    expect(content?.subarray(0, 512).every((byte) => byte === 0)).toBe(true);
    expect(content?.subarray(512, 1_024).toString()).toBe("a".repeat(512));
    expect(content?.subarray(1_024).every((byte) => byte === 0)).toBe(true);
  });

  test("names are durable with their folder, and are kept in their order", () => {
    const disk = diskOf(
      make("/d/a"),
      write("/d/a", "1", 0),
      sync("/d/a"),
      sync("/d"),
      rename("/d/a", "/d/b"),
      make("/d/c"),
      remove("/d/c"),
    );
    expect(filesOf(disk, 4.5, [], 0)).toEqual({ "/d/a": "1" });
    expect(filesOf(disk, 4.5, [], 1)).toEqual({ "/d/b": "1" });
    expect(filesOf(disk, everything, [], 2)).toEqual({ "/d/b": "1", "/d/c": "" });
    expect(filesOf(disk, everything, [], 3)).toEqual({ "/d/b": "1" });
  });

  test("a truncation that was not synced may be lost", () => {
    const disk = diskOf(make("/d/a"), write("/d/a", "long", 0), sync("/d/a"), sync("/d"), truncate("/d/a", 1));
    expect(filesOf(disk, everything, ["lost"])).toEqual({ "/d/a": "long" });
    expect(filesOf(disk, everything, ["whole"])).toEqual({ "/d/a": "l" });
  });
});

type Step = { kind: "write"; at: number; text: string } | { kind: "truncate"; size: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    at: fc.nat(3_000),
    text: fc.string({ minLength: 1, maxLength: 900, unit: "grapheme-ascii" }),
  }),
  fc.record({ kind: fc.constant("truncate" as const), size: fc.nat(3_000) }),
);
const lineOf = (one: Step): string => (one.kind === "write" ? write("/d/a", one.text, one.at) : truncate("/d/a", one.size));

function inMemory(steps: readonly Step[]): Buffer {
  let file = Buffer.alloc(0);
  for (const one of steps) {
    const size = one.kind === "truncate" ? one.size : Math.max(file.length, one.at + one.text.length);
    const next = Buffer.alloc(size);
    file.copy(next, 0, 0, Math.min(size, file.length));
    if (one.kind === "write") next.write(one.text, one.at);
    file = next;
  }
  return file;
}

test("with all synced nothing is lost, whatever fate is drawn", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(), (steps, seed) => {
      const disk = diskOf(make("/d/a"), ...steps.map(lineOf), sync("/d/a"), sync("/d"));
      const outcomes = outcomesOf(disk.pendingAt(everything), createChance(seed), 8);
      for (const { fates, namesKept } of outcomes) {
        expect(disk.contentAt(everything, fates, namesKept).get("/d/a")?.equals(inMemory(steps))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("with all kept the files are as the program saw them, at each moment", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(12), (steps, after) => {
      const kept = steps.slice(0, after);
      const disk = diskOf(make("/d/a"), sync("/d"), ...steps.map(lineOf));
      const { changes } = disk.pendingAt(1.5 + kept.length);
      const files = disk.contentAt(
        1.5 + kept.length,
        changes.map(() => "whole"),
        0,
      );
      expect(files.get("/d/a")?.equals(inMemory(kept))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("few changes are lost and kept in every combination; the first of many outcomes loses all", () => {
  const disk = diskOf(make("/d/a"), sync("/d"), write("/d/a", "x", 0), write("/d/a", "y", 1));
  const pending = disk.pendingAt(everything);
  const outcomes = outcomesOf(pending, createChance(1), 100).map(({ fates }) =>
    fates.map((fate) => (typeof fate === "string" ? fate : "torn")).join(" "),
  );
  expect(new Set(outcomes)).toEqual(new Set(["lost lost", "whole whole", "whole lost", "lost whole", "torn torn"]));
  expect(outcomes[0]).toBe("lost lost");
});
