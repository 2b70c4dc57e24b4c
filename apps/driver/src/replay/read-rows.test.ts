import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFile } from "./open-file.ts";
import { type BadRow, readRows } from "./read-rows.ts";

const header = "parcel_id,store_id,store_city,status,carrier_pickup_at,delivered_at";
const good = (parcel: string) => `${parcel},acme,"Novo Hamburgo, RS",delivered,2018-05-29T15:38:00,2018-06-05T23:04:57`;

const read = async (file: Readable) => {
  const bad: BadRow[] = [];
  const parcels: string[] = [];
  for await (const row of readRows(file, { utcOffset: "Z", onBadRow: (each) => bad.push(each) }))
    parcels.push(row.events[0]?.event.parcel ?? "none");
  return { bad, parcels };
};
const textFile = (...lines: string[]) => Readable.from([Buffer.from(lines.join("\n"))]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-rows-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a comma within quotes is part of its column", async () => {
  expect(await read(textFile(header, good("P-1"), "", good("P-2")))).toEqual({ bad: [], parcels: ["P-1", "P-2"] });
});

test("bad rows are named by their line, and the others are read", async () => {
  const { bad, parcels } = await read(textFile(header, good("P-1"), "P-2,acme", good("no parcel"), good("P-3")));
  expect(parcels).toEqual(["P-1", "P-3"]);
  expect(bad.map(({ line }) => line).sort()).toEqual([3, 4]);
  expect(bad.find(({ line }) => line === 4)?.reason).toMatch(/^parcel_id: /);
});

test("a header without a column is refused, and names it", async () => {
  await expect(read(textFile("parcel_id,store_id,status", "P-1,acme,delivered"))).rejects.toThrow(
    "does not name carrier_pickup_at, delivered_at",
  );
});

test("gzip is known by its bytes, plain and empty files too", async () => {
  const write = async (name: string, content: Buffer) => {
    await writeFile(join(folder, name), content);
    return read(await openFile(join(folder, name)));
  };
  const content = Buffer.from(`${header}\n${good("P-1")}\n`);
  expect((await write("packed.csv", gzipSync(content))).parcels).toEqual(["P-1"]);
  expect((await write("plain.gz", content)).parcels).toEqual(["P-1"]);
  expect((await write("empty.csv", Buffer.alloc(0))).parcels).toEqual([]);
});

test("a cut gzip file is an error, not a short file", async () => {
  const packed = gzipSync(Buffer.from(`${header}\n${Array.from({ length: 500 }, (_, i) => good(`P-${i}`)).join("\n")}\n`));
  await writeFile(join(folder, "cut.gz"), packed.subarray(0, packed.length - 20));
  await expect(openFile(join(folder, "cut.gz")).then(read)).rejects.toThrow("unexpected end of file");
});

test("a file that is not there is an error with its path", async () => {
  await expect(openFile(join(folder, "nowhere.csv"))).rejects.toThrow("nowhere.csv");
});
