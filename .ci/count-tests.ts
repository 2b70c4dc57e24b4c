/** Prints `PASSED FAILED` of one run of vitest: `count-tests.ts RESULTS.json OUTPUT.txt EXIT_CODE`. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const resultsSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

const [resultsFile = "", outputFile = "", exitCode = "1"] = process.argv.slice(2);
const results = resultsSchema.parse(JSON.parse(readFileSync(resultsFile, "utf8")));
const unread = results.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;
const wanting = readFileSync(outputFile, "utf8").match(/^ *↓ .*needs .*(apt-get install|npm run)/gm) ?? [];
const failed = results.numFailedTests + unread + wanting.length;
// An error outside of any test fails the run too.
process.stdout.write(`${results.numPassedTests} ${failed === 0 && exitCode !== "0" ? 1 : failed}\n`);
