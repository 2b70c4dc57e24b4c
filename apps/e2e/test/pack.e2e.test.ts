import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needsBrowser, openBrowser } from "../src/browser.ts";
import { startTestHub } from "../src/test-hub.ts";

/** The packed SDK in the hands of an outsider: an empty folder, the two tarballs, no TypeScript runner, none of our sources. */
const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const outside = mkdtempSync(join(tmpdir(), "waybill-outside-"));

beforeAll(async () => {
  const { stdout } = await run(process.execPath, [join(root, "scripts/pack.ts"), "--out", join(outside, "tarballs")]);
  const tarballs = stdout.trim().split("\n");
  writeFileSync(join(outside, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], { cwd: outside });
  cpSync(join(import.meta.dirname, "packed"), outside, { recursive: true });
});

afterAll(() => {
  rmSync(outside, { recursive: true, force: true });
});

/** A Node from 20 to 23 of the machine's own, which cannot run TypeScript as it is. */
async function findOldNode(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  for (const node of folders.map((folder) => join(folder, "node")).filter(existsSync)) {
    const { stdout } = await run(node, ["--version"]);
    const major = Number(/^v(\d+)/.exec(stdout)?.[1]);
    if (major >= 20 && major < 24) return node;
  }
  return undefined;
}

test("the tarballs hold JavaScript, types, a README and the licence, and nothing that only we need", () => {
  for (const name of ["events", "client"]) {
    const folder = join(outside, "node_modules/@waybill", name);
    const files = globSync("**/*.*", { cwd: folder });
    expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/index.js", "dist/index.d.ts"]));
    expect(existsSync(join(folder, "LICENSE"))).toBe(true);
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
  }
});

test("plain JavaScript on an older Node publishes, keeps an outbox in a file, and receives", async ({ skip }) => {
  const node = await findOldNode();
  skip(node === undefined, "needs a Node 20 to 23 on the PATH, beside our own");
  await using hub = await startTestHub();
  const env = {
    HUB_URL: hub.url,
    DRIVER_TOKEN: hub.token({ role: "driver", driver: "dana" }),
    VENDOR_TOKEN: hub.token({ role: "vendor", stores: ["acme"] }),
  };
  const { stdout, stderr } = await run(node ?? "", ["plain.js"], { cwd: outside, env });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ outcome: "stored", type: "pickup", isWhole: true, retry: "backoff" });
});

test.each([
  { module: "NodeNext", moduleResolution: "NodeNext" },
  { module: "ESNext", moduleResolution: "Bundler", customConditions: ["browser"] },
])("a strict TypeScript program compiles against the types: %j", async (compilerOptions) => {
  const strict = { strict: true, noEmit: true, target: "ES2022", lib: ["ES2022", "DOM"], types: [], ...compilerOptions };
  writeFileSync(join(outside, "tsconfig.json"), JSON.stringify({ compilerOptions: strict, files: ["typed.ts"] }));
  const compiled = await run(bin("tsc"), ["-p", outside]).catch((error: { stdout: string; stderr: string }) => error);
  expect(compiled).toEqual({ stdout: "", stderr: "" });
});

test("a page built by Vite loads nothing of Node, and publishes from a browser", async ({ skip }) => {
  writeFileSync(join(outside, "index.html"), '<!doctype html><title>waits</title><script type="module" src="/page.js"></script>');
  const dist = join(outside, "page");
  await build({ root: outside, configFile: false, logLevel: "error", build: { outDir: dist, target: "es2022" } });
  const scripts = globSync("**/*.js", { cwd: dist }).map((file) => readFileSync(join(dist, file), "utf8"));
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(script).not.toMatch(/["'`]node:|__vite-browser-external/);

  await using pages = await serveFolder(dist);
  await using hub = await startTestHub({ args: ["--origins", pages.url] });
  const browser = await openBrowser();
  skip(!browser, needsBrowser);
  if (!browser) return;
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    const query = new URLSearchParams({ hub: hub.url, token: hub.token({ role: "driver", driver: "dana" }) });
    await page.goto(`${pages.url}/?${query}`);
    await page.waitForFunction("document.title !== 'waits'");
    expect(await page.title()).toBe("stored");
  } finally {
    await browser.close();
  }
});

async function serveFolder(folder: string): Promise<AsyncDisposable & { url: string }> {
  const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const file = join(folder, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.setHeader("content-type", types[extname(file)] ?? "text/plain").end(readFileSync(file));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The page's server has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
