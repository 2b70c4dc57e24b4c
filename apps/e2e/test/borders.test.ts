import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSync, Visitor } from "vite";
import { expect, test } from "vitest";

/**
 * The borders of the house that `turbo boundaries` cannot see: arrows that carry types only, modules of Node where a browser or the rules
 * must run, the testkit in shipped code, clock and chance in rules. And the habits that a tool can hold: short files, a README each.
 */
const root = resolve(import.meta.dirname, "../../..");
const isTest = (file: string): boolean => file.endsWith(".test.ts") || /\/test\//.test(file);
const files = (...patterns: string[]): string[] => globSync(patterns, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] }).sort();
/** Throws when there is nothing to look at: a guard over no file is always green. */
const shipped = (...folders: string[]): string[] => {
  const sources = files(...folders.map((folder) => `${folder}/src/**/*.ts`)).filter((file) => !isTest(file) && !file.endsWith(".d.ts"));
  if (sources.length === 0) throw new Error(`No sources in ${folders.join(", ")}.`);
  return sources;
};
const read = (file: string): string => readFileSync(join(root, file), "utf8");

type Import = { line: number; from: string; isType: boolean };

function parse(file: string, text: string) {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  return { program, lineOf: (offset: number): number => text.slice(0, offset).split("\n").length };
}

/** Everything that a module imports or passes on. `import { type A }` counts as a value: the import itself stays when types are stripped. */
function importsOf(file: string, text = read(file)): Import[] {
  const { program, lineOf } = parse(file, text);
  const imports: Import[] = [];
  const add = (node: { start: number }, from: string, isType: boolean): void => {
    imports.push({ line: lineOf(node.start), from, isType });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value, node.importKind === "type"),
    ExportAllDeclaration: (node) => add(node, node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration: (node) => node.source && add(node, node.source.value, node.exportKind === "type"),
    ImportExpression: (node) => add(node, node.source.type === "Literal" ? String(node.source.value) : "(computed)", false),
    TSImportType: (node) => add(node, node.source.value, true),
  }).visit(program);
  return imports;
}

const ambient: Readonly<Record<string, readonly string[] | "all">> = {
  Date: ["now"],
  Math: ["random"],
  performance: "all",
  process: "all",
  crypto: "all",
  globalThis: "all",
  console: "all",
};
const ambientCalls = ["Date", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"];

/** Clock, chance, timers, output: what rules are handed as data instead. */
function ambientUses(file: string, text = read(file)): { line: number; what: string }[] {
  const { program, lineOf } = parse(file, text);
  const uses: { line: number; what: string }[] = [];
  new Visitor({
    MemberExpression: ({ start, object, property }) => {
      if (object.type !== "Identifier" || !Object.hasOwn(ambient, object.name) || property.type !== "Identifier") return;
      const names = ambient[object.name];
      if (names === "all" || names?.includes(property.name)) uses.push({ line: lineOf(start), what: `${object.name}.${property.name}` });
    },
    NewExpression: ({ start, callee, arguments: args }) => {
      if (callee.type === "Identifier" && callee.name === "Date" && args.length === 0)
        uses.push({ line: lineOf(start), what: "new Date()" });
    },
    CallExpression: ({ start, callee }) => {
      if (callee.type === "Identifier" && ambientCalls.includes(callee.name)) uses.push({ line: lineOf(start), what: `${callee.name}()` });
    },
  }).visit(program);
  return uses;
}

/** One line per import that the rule refuses, as an editor opens it. */
const refused = (sources: readonly string[], isRefused: (found: Import) => boolean): string[] =>
  sources.flatMap((file) => importsOf(file).flatMap((found) => (isRefused(found) ? [`${file}:${found.line} imports ${found.from}`] : [])));

/** The modules that run when this one is imported, and what they import from outside of their package. */
function reachableFrom(entry: string): { file: string; found: Import }[] {
  const outside: { file: string; found: Import }[] = [];
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const found of importsOf(file).filter(({ isType }) => !isType)) {
      if (found.from.startsWith(".")) visit(join(dirname(file), found.from));
      else outside.push({ file, found });
    }
  };
  visit(entry);
  return outside;
}

const isNode = ({ from }: Import): boolean => from.startsWith("node:");

test.each([
  ["queue", "events"],
  ["storage", "queue"],
])("%s takes nothing but types from %s", (from, to) => {
  expect(refused(shipped(`packages/${from}`), (found) => found.from === `@waybill/${to}` && !found.isType)).toEqual([]);
});

test.each(["events", "queue"])("%s runs anywhere: nothing of Node, not even a type", (name) => {
  expect(refused(shipped(`packages/${name}`), isNode)).toEqual([]);
});

test("what a page loads of the client needs nothing of Node", () => {
  const allowed = ["@waybill/events", "socket.io-client", "zod"];
  const outside = reachableFrom("packages/client/src/browser.ts").filter(({ found }) => !allowed.includes(found.from));
  expect(outside.map(({ file, found }) => `${file}:${found.line} imports ${found.from}`)).toEqual([]);
});

test("the old clients of the examples are not ours: they import socket.io-client alone", () => {
  const programs = files("examples/old-clients/**/*.{js,mjs,cjs,ts}");
  expect(programs.length).toBeGreaterThanOrEqual(3);
  expect(refused(programs, ({ from }) => from !== "socket.io-client")).toEqual([]);
  expect(programs.filter((file) => /\brequire\s*\(/.test(read(file)))).toEqual([]);
});

test("the testkit ships with nothing but the demo, the proving apps and the tests", () => {
  const sources = shipped("packages/*", "apps/*").filter(
    (file) => !/^(packages\/testkit|apps\/(demo|chaos|proof|sim|bench|e2e))\//.test(file),
  );
  expect(refused(sources, ({ from }) => from.startsWith("@waybill/testkit"))).toEqual([]);
});

test.each(["events", "queue"])("%s has neither clock nor chance: both come in as data", (name) => {
  const uses = shipped(`packages/${name}`).flatMap((file) => ambientUses(file).map(({ line, what }) => `${file}:${line} uses ${what}`));
  expect(uses).toEqual([]);
});

test("packages print nothing", () => {
  const uses = shipped("packages/*").flatMap((file) => ambientUses(file).map(({ line, what }) => ({ at: `${file}:${line}`, what })));
  expect(uses.filter(({ what }) => what.startsWith("console."))).toEqual([]);
});

test("no file is longer than 400 lines", () => {
  const sources = files("{packages,apps}/*/{src,test,bin}/**/*.{ts,tsx,js,css}", "scripts/**/*.ts", "*.ts");
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((file) => read(file).trimEnd().split("\n").length > 400)).toEqual([]);
});

test("each package says in a README what it is for", () => {
  const folders = files("{packages,apps}/*/package.json").map(dirname);
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !existsSync(join(root, folder, "README.md")))).toEqual([]);
});

/** A guard that sees nothing is always green: each is shown what it has to see. */
test("the guards see what is planted", () => {
  const planted = [
    'import type { A } from "a";',
    'import { type B } from "b";',
    'export * from "c";',
    'const d = await import("d");',
    'type E = import("e").E;',
  ].join("\n");
  expect(importsOf("planted.ts", planted)).toEqual([
    { line: 1, from: "a", isType: true },
    { line: 2, from: "b", isType: false },
    { line: 3, from: "c", isType: false },
    { line: 4, from: "d", isType: false },
    { line: 5, from: "e", isType: true },
  ]);
  const uses =
    "Date.now(); new Date(); new Date(5); Date.parse(x); Math.random(); Math.max(1); performance.now(); setTimeout(f); x.setTimeout(f); console.log()";
  expect(ambientUses("planted.ts", uses).map(({ what }) => what)).toEqual([
    "Date.now",
    "new Date()",
    "Math.random",
    "performance.now",
    "setTimeout()",
    "console.log",
  ]);
});
