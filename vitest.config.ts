import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** All tests of the house. A file's suffix says what a test needs; all of them end in `.test.ts`. */
const every = ["packages/*/{src,test}/**/*.test.ts", "apps/*/{src,test}/**/*.test.ts"];
/** Processes and sockets, hours of virtual time, a database, a browser. */
const heavy = ["packages/*/{src,test}/**/*.{e2e,sim,pg,browser}.test.ts", "apps/*/{src,test}/**/*.{e2e,sim,pg,browser}.test.ts"];

// Compiled code is kept between runs and shared by all processes of one: a test's process, and each hub that it starts, is up in half of the time.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    // Of the tests of one file that say `concurrent`.
    maxConcurrency: 2,
    // How long a test may hang. Generous, for it costs nothing when all is well: on a machine with other things to do a start takes many seconds.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // Prints each test, and beside a skipped one why it was skipped.
    reporters: ["verbose"],
    projects: [
      // A process for each of these files would take longer than the tests in it (55 against 19 s of processor time for 75 files): they share two.
      { extends: true, test: { name: "unit", include: every, exclude: heavy, isolate: false } },
      // These kill processes, fill disks and change folders: each file has a process of its own.
      { extends: true, test: { name: "heavy", include: heavy } },
    ],
  },
});
