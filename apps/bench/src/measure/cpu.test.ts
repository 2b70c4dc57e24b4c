import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { processCpuUs } from "./cpu.ts";

const schedstat = "/proc/self/task";
const isMissing = !existsSync(schedstat);
if (isMissing) process.stdout.write(`processor time of a short load: skipped, no ${schedstat} here\n`);

function spin(us: number): void {
  const before = process.cpuUsage();
  for (let spent = 0; spent < us; ) {
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
}

test.skipIf(isMissing)("a load of three milliseconds takes processor time, each of them", () => {
  const taken = Array.from({ length: 20 }, () => {
    const before = processCpuUs(process.pid);
    spin(3_000);
    return processCpuUs(process.pid) - before;
  });
  expect(Math.min(...taken)).toBeGreaterThan(1_000);
});

test("of a process that is not there it is not a number", () => {
  expect(processCpuUs(0)).toBeNaN();
});
