import { storeSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { readIds } from "./read-ids.ts";

const read = (text: string, column?: string) => readIds(text, { column, knownColumns: ["store", "store_id"], schema: storeSchema });

test("one id per line", () => {
  expect(read("acme-widgets\n1-206-flowers\n\n")).toEqual({ ids: ["acme-widgets", "1-206-flowers"], bad: [] });
});

test("a header that says which column is meant", () => {
  expect(read("store_id\nacme\n").ids).toEqual(["acme"]);
  expect(read('order_id,store_id,city\n1,acme,"a, b"\n2,flowers,c\n3,acme,d\n').ids).toEqual(["acme", "flowers"]);
});

test("a column by its name", () => {
  expect(read("name,seller\nx,acme\n", "seller").ids).toEqual(["acme"]);
  expect(() => read("name,seller\nx,acme\n", "shop")).toThrow('No column is called "shop"; the first line names name, seller.');
});

test("a file of several columns without a known one asks which", () => {
  expect(() => read("name,seller\nx,acme\n")).toThrow("name it with --column");
});

test("bad ids are named by their line, the others stay", () => {
  const { ids, bad } = read("\uFEFFacme\nNOT A STORE\n__proto__\nflowers\n");
  expect(ids).toEqual(["acme", "flowers"]);
  expect(bad.map(({ line, id }) => [line, id])).toEqual([
    [2, "NOT A STORE"],
    [3, "__proto__"],
  ]);
});

test("a byte order mark before a quoted header is no part of it", () => {
  expect(read('\uFEFF"store_id","city"\nacme,x\n').ids).toEqual(["acme"]);
});

test("a row that lacks the column is bad, not forgotten", () => {
  expect(read("city,store\nx,acme\ny\n").bad).toEqual([{ line: 3, id: "", reason: "it is empty", times: 1 }]);
});

test("an empty file has no ids", () => {
  expect(read("")).toEqual({ ids: [], bad: [] });
});

test("a bad id is reported once, with its first line and how often it stands there", () => {
  expect(read("store\nSP\nacme\nSP\n").bad).toMatchObject([{ line: 2, id: "SP", times: 2 }]);
});

test("upper case is folded when asked for", () => {
  expect(readIds("store_state\nSP\nsp\nRJ\n", { column: "store_state", knownColumns: [], lowerCase: true, schema: storeSchema })).toEqual({
    ids: ["sp", "rj"],
    bad: [],
  });
});
