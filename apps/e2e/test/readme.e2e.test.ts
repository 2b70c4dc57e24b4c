import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startTestHub } from "../src/test-hub.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");
const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");

/** Runs a block of the README as it stands there, but for the hub's address. */
function runBlock(code: string, url: string, token: string) {
  const source = code.replaceAll("http://127.0.0.1:3000", url);
  const withImport = source.includes("import ") ? source : `import { io } from "socket.io-client";\n${source}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", withImport], {
    cwd: root,
    env: { ...process.env, WAYBILL_TOKEN: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => (await lines.next()).value as string,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

test("the README's plain store and driver work as they are printed, in at most ten lines each", async () => {
  const [store, driver] = blocks;
  if (!store || !driver) throw new Error("the README shows a store and a driver");
  for (const block of [store, driver]) expect(block.trim().split("\n").filter(Boolean).length).toBeLessThanOrEqual(12);
  await using hub = await startTestHub();
  await using vendor = runBlock(store, hub.url, hub.token({ role: "vendor", stores: ["acme-widgets"] }));
  expect(await vendor.next()).toBe("subscribed");
  await using dana = runBlock(driver, hub.url, hub.token({ role: "driver", driver: "dana" }));
  expect(await dana.next()).toBe("stored");
  expect(await vendor.next()).toBe("1Z-204 delivered");
});
