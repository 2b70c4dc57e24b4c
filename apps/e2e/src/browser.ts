import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packed from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** A browser of a test asks nobody but the test's own servers. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** A browser that is slow to come is not taken for none. */
const LAUNCH_MS = 120_000;

/** Why there is no browser, for a test's `skip`. */
export const needsBrowser = "needs Chromium: apt-get install chromium, or npm ci with its development dependencies on x64 Linux";

/** The system's Chromium, else the one that comes packed with the development dependencies; `null`: neither runs here. */
export async function openBrowser(): Promise<Browser | null> {
  for (const find of [systemBrowser, unpackedBrowser]) {
    const executablePath = await find().catch(() => null);
    const browser = executablePath && (await chromium.launch({ executablePath, args, timeout: LAUNCH_MS }).catch(() => null));
    if (browser) return browser;
  }
  return null;
}

async function systemBrowser(): Promise<string | null> {
  const found = spawnSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"]);
  return found.stdout.toString().trim() || null;
}

/** Unpacked once for all runs, in a folder of its own that is there whole or not at all: two tests may want it at once. */
async function unpackedBrowser(): Promise<string> {
  const folder = join(tmpdir(), "waybill-chromium-153");
  const executable = join(folder, "chromium");
  if (existsSync(executable)) return executable;
  const fresh = mkdtempSync(`${folder}-`);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = fresh;
  try {
    await packed.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  try {
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    if (!existsSync(executable)) throw error; // Another one was first, or it cannot be put there.
  }
  return executable;
}
