import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSupervisor } from "@waybill/testkit";
import { expect, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";

const script = fileURLToPath(new URL("full-disk-hub.ts", import.meta.url));
const key = Buffer.alloc(32, 7).toString("base64url");

function whyNot(): string | null {
  const tried = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()]);
  return tried.status === 0 ? null : "needs Linux, root, and unshare -m with tmpfs";
}

test("a full disk: publishes are refused with backoff, what was confirmed stays, and it goes on when there is room", async ({ skip }) => {
  const reason = whyNot();
  skip(reason !== null, reason ?? "");
  const folder = mkdtempSync(join(tmpdir(), "waybill-full-"));
  await using supervisor = createSupervisor();
  const env = { ...process.env, WAYBILL_KEY: key };
  const hub = supervisor.start({
    name: "hub on a small disk",
    script,
    args: [folder, "--port", "0", "--open", "--log", "json", "--ballast-mb", "1"],
    env,
  });
  const ready = await hub.awaitLine((line) => line.msg === "ready");
  const url = String(ready.url);

  const token = (args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL("../../hub/bin/token.js", import.meta.url)), ...args], {
      env,
      encoding: "utf8",
    }).stdout.trim();
  const driver = await connectPlain(url, "/driver", token(["--role", "driver", "--driver", "dana"]));
  const data = { extra: Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`f${index}`, "x".repeat(1_000)])) };
  const publish = (number: number) => driver.request("pickup", { store: "acme", parcel: `p${number}`, id: `e${number}`, data });

  let confirmed = 0;
  let reply = await publish(1);
  while (reply.outcome === "stored") {
    confirmed += 1;
    reply = await publish(confirmed + 1);
  }
  expect(confirmed).toBeGreaterThan(20);
  expect(reply).toMatchObject({ outcome: "refused", error: { code: "STORAGE_FULL", retry: "backoff" } });
  expect(hub.running).toBe(true);

  hub.tell({ free: true });
  while (reply.outcome !== "stored") reply = await publish(confirmed + 1);
  expect(reply).toMatchObject({ offset: confirmed + 1 });

  const vendor = await connectPlain(url, "/vendor", token(["--role", "vendor", "--store", "acme"]));
  await vendor.request("subscribe", {});
  const parcels: string[] = [];
  while (parcels.length < confirmed + 1) {
    const [received] = await vendor.take(1);
    received?.ack();
    if (received) parcels.push(received.event.parcel);
  }
  expect(parcels).toEqual(Array.from({ length: confirmed + 1 }, (_, index) => `p${index + 1}`));
  driver.close();
  vendor.close();
  await hub.stop();
  rmSync(folder, { recursive: true });
});
