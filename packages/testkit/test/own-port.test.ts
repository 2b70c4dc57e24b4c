import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { ownPort } from "../src/own-port.ts";

/** Where the system begins to pick by itself, on Linux; elsewhere later. */
const PICKED_FROM = 32_768;

test("each port is another one, and none that the system could give to somebody else meanwhile", async () => {
  const ports = new Set<number>();
  for (let n = 0; n < 20; n += 1) ports.add(await ownPort());
  expect(ports.size).toBe(20);
  expect(Math.min(...ports)).toBeGreaterThan(1_024);
  expect(Math.max(...ports)).toBeLessThan(PICKED_FROM);
});

test("one on which something listens is passed over", async () => {
  const next = (await ownPort()) + 1;
  await using server = createServer().listen(next, "127.0.0.1");
  await once(server, "listening");
  expect(await ownPort()).not.toBe(next);
});

test("two programs share no block of ports, also when their process ids fall on the same one", async () => {
  const mine = await ownPort();
  // Another program with this very process id.
  vi.resetModules();
  const { ownPort: otherPort } = await import("../src/own-port.ts");
  const blockOf = (port: number) => Math.floor(port / 100);
  expect(blockOf(await otherPort())).not.toBe(blockOf(mine));
});
