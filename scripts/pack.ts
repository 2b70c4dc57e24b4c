/**
 * `npm run pack -- --out DIR`: the contract and the SDK as tarballs for others, as JavaScript and types. The house itself runs its
 * TypeScript as it is; Node refuses to do so below node_modules.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { command, defineOptions, runMain } from "@waybill/options";
import { z } from "zod";

const root = resolve(import.meta.dirname, "..");
const names = ["events", "client"] as const;
type Name = (typeof names)[number];

const descriptions: Record<Name, string> = {
  events: "The contract of Waybill: schemas of parcel events and wire messages, names, error codes, limits.",
  client: "The typed SDK of Waybill for browser and Node: a durable outbox, publish, subscribe.",
};

/** Which built file answers an import: for pages, for Node. */
const exported: Record<Name, object> = {
  events: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  client: {
    ".": {
      browser: { types: "./dist/browser.d.ts", default: "./dist/browser.js" },
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
  },
};

/** What a Node 20 and the browsers of its time can run; a newer name is an error here, not at a user's. */
const compilerOptions = {
  target: "ES2022",
  lib: ["ES2023", "DOM", "ESNext.Disposable"],
  noEmit: false,
  declaration: true,
  stripInternal: true,
  rewriteRelativeImportExtensions: true,
  rootDir: join(root, "packages"),
  typeRoots: [join(root, "node_modules/@types")],
};

const manifestSchema = z.object({ version: z.string(), license: z.string(), dependencies: z.record(z.string(), z.string()) });

/** Both at once, for the client's types need the contract's sources. */
function compile(folder: string): void {
  const config = join(folder, "tsconfig.json");
  const files = names.flatMap((name) => globSync(`packages/${name}/src/**/*.ts`, { cwd: root }));
  const include = files.filter((file) => !file.endsWith(".test.ts")).map((file) => join(root, file));
  const options = { ...compilerOptions, outDir: join(folder, "built") };
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.base.json"), files: include, compilerOptions: options }));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { stdio: ["ignore", "inherit", "inherit"] });
}

function fill(name: Name, folder: string): string {
  const source = join(root, "packages", name);
  const target = join(folder, name);
  cpSync(join(folder, "built", name, "src"), join(target, "dist"), { recursive: true });
  for (const file of globSync("**/*.d.ts", { cwd: join(target, "dist") })) finishTypes(join(target, "dist", file));
  cpSync(join(source, "README.md"), join(target, "README.md"));
  cpSync(join(root, "LICENSE"), join(target, "LICENSE"));
  const { version, license, dependencies } = manifestSchema.parse(JSON.parse(readFileSync(join(source, "package.json"), "utf8")));
  const manifest = {
    name: `@waybill/${name}`,
    version,
    description: descriptions[name],
    license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    exports: exported[name],
    files: ["dist"],
    dependencies,
  };
  writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return target;
}

/** The compiler rewrites `./a.ts` in JavaScript only. Users on older targets need the name of AsyncDisposable explained. */
function finishTypes(file: string): void {
  const text = readFileSync(file, "utf8").replaceAll(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"');
  const needsDisposable = /\bAsyncDisposable\b|\basyncDispose\b/.test(text);
  writeFileSync(file, needsDisposable ? `/// <reference lib="esnext.disposable" />\n${text}` : text);
}

const packOptions = defineOptions({
  name: "pack",
  summary: "Packs @waybill/events and @waybill/client as JavaScript and types, for programs outside of this repository.",
  usage: "npm run pack --",
  options: z.strictObject({
    out: z.string().default("dist").describe("Folder for the two tarballs.").meta({ path: true }),
  }),
});

await runMain(
  command(packOptions, async ({ options: { out } }) => {
    const folder = mkdtempSync(join(tmpdir(), "waybill-pack-"));
    try {
      compile(folder);
      mkdirSync(out, { recursive: true });
      for (const name of names) {
        const tarball = execFileSync("npm", ["pack", "--silent", "--pack-destination", out], { cwd: fill(name, folder), encoding: "utf8" });
        process.stdout.write(`${join(out, tarball.trim())}\n`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }),
);
