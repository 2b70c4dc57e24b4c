import { existsSync, globSync, writeFileSync } from "node:fs";

/** The hub's wall clock, moved while it runs: libfaketime reads how far from a file. The monotonic clock stays right. */
export type ClockFile = { readonly env: NodeJS.ProcessEnv; set(jump: string): void };

const places = [
  "/usr/lib/*/faketime/libfaketimeMT.so.1",
  "/usr/lib/faketime/libfaketimeMT.so.1",
  "/usr/local/lib/faketime/libfaketimeMT.so.1",
];

/** The path of libfaketime; `null`: it is not installed. */
export const findFaketime = (): string | null => globSync(places).find((path) => existsSync(path)) ?? null;

export function createClockFile(library: string, path: string): ClockFile {
  writeFileSync(path, "+0\n");
  return {
    env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: path, FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_CACHE_DURATION: "1" },
    // From the true time, not from the last jump: after +400 days, −1 hour is a long way back.
    set: (jump) => writeFileSync(path, `${jump}\n`),
  };
}
