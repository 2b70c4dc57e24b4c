import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";

const program = fileURLToPath(new URL("../test/young-space.ts", import.meta.url));
const saidSchema = z.strictObject({ atRest: z.int(), underLoad: z.int() });

test("the space for what is young stays below 64 MB until events pass, whatever outlives its collections", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { atRest, underLoad } = saidSchema.parse(JSON.parse(stdout));
  expect(atRest).toBeLessThanOrEqual(64 * 1_048_576);
  expect(underLoad).toBeGreaterThan(64 * 1_048_576);
});
