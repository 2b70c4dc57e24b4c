import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createOutput, table } from "./output.ts";

const rows = [
  { parcel: "P-1", driver: null, hours: 3 },
  { parcel: "P-20000", driver: "driver-1", hours: 12 },
];
const columns = ["parcel", "driver", "hours"] as const;
const written = async (json: boolean, write: (out: ReturnType<typeof createOutput>) => Promise<void>) => {
  const stream = new PassThrough();
  await write(createOutput({ json, stream }));
  return String(stream.read() ?? "");
};

test("a table has columns as wide as their widest cell", () => {
  expect(table(columns, rows)).toBe("P-1      -          3\nP-20000  driver-1  12\n");
});

test("its header is written once, however many pages come", async () => {
  const text = await written(false, async (out) => {
    await out.rows(columns, rows.slice(0, 1));
    await out.rows(columns, rows.slice(1));
  });
  expect(text.match(/PARCEL/g)).toHaveLength(1);
  expect(text.split("\n")[2]).toMatch(/^P-20000/);
});

test("for programs, each row and each sentence is one JSON line", async () => {
  const text = await written(true, async (out) => {
    await out.rows(columns, rows);
    await out.say("2 added", { added: 2 });
  });
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([...rows, { added: 2 }]);
});

test("an empty page for programs is nothing", async () => {
  expect(await written(true, (out) => out.rows(columns, []))).toBe("");
});

test("on a narrow terminal the widest text is cut, numbers and short names never", () => {
  const long = [{ offset: 12_345, parcel: "P-1", reason: "no such street in this town", by: "pr-6f1c2a9b-44e1-4b0e" }];
  const cutRow = table(["offset", "parcel", "by", "reason"], long, 40);
  expect(cutRow).toBe("12345  P-1  pr-6f1c2a9b-…  no such stre…\n");
  expect(cutRow.trimEnd().length).toBeLessThanOrEqual(41);
  expect(table(["offset", "parcel", "by", "reason"], long, 200)).toContain("no such street in this town");
});

test("times are not cut either", () => {
  const row = { at: "2026-11-26T11:15:02.220Z", by: "e9973b66-3305-42aa-929d-0cb6", kind: "failed" };
  expect(table(["at", "by", "kind"], [row], 50)).toBe("2026-11-26T11:15:02.220Z  e9973b66-3305-4…  failed\n");
});

test("facts are a line each, for people", async () => {
  const write = (out: ReturnType<typeof createOutput>) =>
    out.facts([
      ["Queue", "store/acme"],
      ["Events so far", "3"],
    ]);
  expect(await written(false, write)).toBe("Queue          store/acme\nEvents so far  3\n");
  expect(await written(true, write)).toBe("");
});

test("names from afar cannot steer the terminal", () => {
  expect(table(["id"], [{ id: "a\u001b[2Jb" }])).toBe("a [2Jb\n");
});
