import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, createVendor } from "@waybill/client";
import { startHub } from "@waybill/testkit";
import { expect, onTestFinished, test } from "vitest";
import { runProgram } from "./run-program.ts";

type Found = { check: string; status: string; found: string; remedy?: string };
type Report = { ok: boolean; wrong: number; warnings: number; checks: Found[] };

async function doctor(args: readonly string[]): Promise<{ code: number | null; report: Report; of: (check: string) => Found | undefined }> {
  const { code, records, stderr } = await runProgram(["doctor", ...args], { env: {} });
  expect(stderr).toBe("");
  const report = records[0] as Report;
  return { code, report, of: (check) => report.checks.find((one) => one.check === check) };
}

test("a hub that is well, then one with a stuck parcel, a loose key and no backup; then none at all", async () => {
  const hub = await startHub();
  const args = ["--url", hub.url, "--data", hub.dataDir];
  try {
    const well = await doctor(args);
    expect(well).toMatchObject({ code: 0, report: { ok: true, wrong: 0 } });
    expect(well.of("backup")).toMatchObject({ status: "warning", remedy: expect.stringContaining("waybill -- backup") });
    expect(well.of("data folder")).toMatchObject({ status: "ok", found: expect.stringContaining("held by a hub") });

    await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "acme", stores: ["acme"] }) });
    vendor.onOther((_event, delivery) => delivery.reject("no such street"));
    await vendor.start();
    await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
    await driver.publish({ type: "pickup", store: "acme", parcel: "p1" });
    chmodSync(join(hub.dataDir, "hub.key"), 0o644);
    let ill = await doctor(args);
    while (ill.of("stuck")?.status === "ok") ill = await doctor(args);
    expect(ill).toMatchObject({ code: 1, report: { ok: false, wrong: 2 } });
    expect(ill.of("stuck")).toMatchObject({ status: "wrong", remedy: "npm run waybill -- key ls store/acme" });
    expect(ill.of("key file")).toMatchObject({ status: "wrong", remedy: expect.stringContaining("chmod 600") });
    chmodSync(join(hub.dataDir, "hub.key"), 0o600);

    const token = hub.token({ role: "vendor", sub: "acme", stores: ["acme"] });
    const refused = await doctor([...args, "--token", token]);
    expect(refused.of("hub")).toMatchObject({ status: "wrong", found: expect.stringContaining("FORBIDDEN") });
  } finally {
    await hub.program.stop();
  }
  const gone = await doctor(args);
  expect(gone).toMatchObject({ code: 1, report: { wrong: 1 } });
  expect(gone.of("hub")).toMatchObject({ found: `Nothing listens at ${hub.url}.` });
  expect(gone.of("data folder")).toMatchObject({ status: "ok", found: expect.stringContaining("held by nobody") });
  expect(gone.of("format")).toMatchObject({ status: "ok" });
  await hub.close();
});

test("without a key, and with something else at the address", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const another = await doctor(["--url", `http://127.0.0.1:${port}`, "--data", folder]);
  expect(another.of("hub")).toMatchObject({ status: "wrong", found: expect.stringContaining("is no hub") });
  expect(another.of("data folder")).toMatchObject({ found: expect.stringContaining("nothing in it yet") });
});
