import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lines } from "../src/cheat-sheet.ts";
import { quotedLines, socketIoPage } from "../src/socket-io-page.ts";

test("docs/socket-io.md is what the cheat sheet's lines say", () => {
  const page = readFileSync(new URL("../../../docs/socket-io.md", import.meta.url), "utf8");
  expect(page, "Run `npm run docs -w @waybill/e2e` and commit docs/socket-io.md.").toBe(socketIoPage());
});

test("every line has one test, and every test a line", () => {
  const quoted = quotedLines().map(({ id }) => id);
  expect(quoted.length).toBeGreaterThan(20);
  expect([...quoted].sort()).toEqual([...lines.keys()].sort());
});
