/**
 * `npm run release`: turns the waiting changesets into a new version of all packages and a chapter of CHANGELOG.md.
 * Look at the difference, then commit it.
 */
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(resolve(root, file), "utf8");
const run = (program: string, ...argv: string[]): void => {
  execFileSync(program, argv, { cwd: root, stdio: "inherit" });
};

/** A changeset's words for users: all that follows its front matter. */
const words = (file: string): string =>
  read(file)
    .replace(/^---\n.*?\n---\n/s, "")
    .trim();

const changesets = globSync(".changeset/*.md", { cwd: root }).filter((file) => !file.endsWith("README.md"));
if (changesets.length === 0) {
  console.error("Nothing to release: no changeset waits. `npm run changeset` writes one.");
  process.exit(1);
}
const entries = changesets.sort().map((file) => `- ${words(file).replaceAll("\n", "\n  ")}`);

run("npx", "changeset", "version");

const { version }: { version: string } = JSON.parse(read("packages/events/package.json"));
writeFileSync(resolve(root, "package.json"), read("package.json").replace(/"version": "[^"]*"/, `"version": "${version}"`));
const [title = "", ...chapters] = read("CHANGELOG.md").split(/\n(?=## )/);
const chapter = `## ${version}\n\n${entries.join("\n")}\n`;
writeFileSync(resolve(root, "CHANGELOG.md"), `${[`${title.trimEnd()}\n`, chapter, ...chapters].join("\n")}`);
run("npm", "install", "--package-lock-only", "--no-audit", "--no-fund");
console.log(`Version ${version}; look at the difference and commit it.`);
