import { defineConfig } from "vitest/config";

/** One run over the whole house. A file's suffix says what a test needs (`.sim`, `.e2e`, `.pg`, `.browser`); all of them end in `.test.ts`. */
export default defineConfig({
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "apps/*/{src,test}/**/*.test.ts"],
    // Tests kill processes, fill disks and change folders: each file has a process of its own.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Prints each test, and beside a skipped one why it was skipped.
    reporters: ["verbose"],
  },
});
