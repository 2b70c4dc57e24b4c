import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorPage, withTables } from "../scripts/pages.ts";
import { hubErrors, hubNotices } from "../src/index.ts";

const docs = new URL("../../../docs/", import.meta.url);
const page = (name: string) => readFileSync(new URL(name, docs), "utf8");
const advice = "Run `npm run docs -w @waybill/events` and commit the pages.";

test("docs/errors.md is the table of codes", () => {
  expect(page("errors.md"), advice).toBe(errorPage());
});

test("the tables of docs/PROTOCOL.md are those of the sources", () => {
  const protocol = page("PROTOCOL.md");
  expect(protocol, advice).toBe(withTables(protocol));
});

test("docs/PROTOCOL.md names every notice of the hub, and no code that does not exist", () => {
  const protocol = page("PROTOCOL.md");
  for (const notice of Object.keys(hubNotices)) expect(protocol).toContain(`\`${notice}\``);
  const codes = [...protocol.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code);
  expect(codes.filter((code) => !Object.hasOwn(hubErrors, code!))).toEqual([]);
});

test.each(["ARCHITECTURE.md", "PROTOCOL.md", "errors.md", "operating.md", "upgrading.md"])("docs/%s points at files that exist", (name) => {
  const targets = [...page(name).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target!);
  expect(targets.filter((target) => !existsSync(new URL(target, docs)))).toEqual([]);
});
