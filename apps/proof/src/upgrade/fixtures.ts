/** Data folders of each format, as their programs left them when they were killed, with the history of who wrote them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

export const fixturesFolder = fileURLToPath(new URL("../../fixtures/", import.meta.url));
export const fixtureFiles = ["waybill.db", "waybill.db-wal"] as const;

export const fixtureFormats: readonly number[] = readdirSync(fixturesFolder)
  .flatMap((name) => /^format-(\d+)\.history\.gz$/.exec(name)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);

/** Lays the folder out, and its history beside it. */
export function unpackFixture(format: number, { folder, history }: { folder: string; history: string }): void {
  const read = (what: string): Buffer => gunzipSync(readFileSync(join(fixturesFolder, `format-${format}.${what}.gz`)));
  mkdirSync(folder, { recursive: true });
  for (const name of fixtureFiles) writeFileSync(join(folder, name), read(name));
  writeFileSync(history, read("history"));
}
