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

test("names from afar cannot steer the terminal", () => {
  expect(table(["id"], [{ id: "a\u001b[2Jb" }])).toBe("a [2Jb\n");
});
