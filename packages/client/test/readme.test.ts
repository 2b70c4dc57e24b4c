import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createDriver, createVendor, memoryOutbox } from "../src/index.ts";
import { startHub } from "./setup.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The README's lines as they stand there; what follows between the marks below is compiled, run, and compared with them. */
function linesOf(source: string, mark: string): string[] {
  const [, part = ""] = source.split(`// ${mark}`);
  return part
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"));
}
const own = readFileSync(new URL(import.meta.url), "utf8");
const printed = readme.split("\n").map((line) => line.trim());

test("the README's vendor runs as it is printed", async () => {
  const hub = await startHub();
  const marked: string[] = [];
  const noted: string[] = [];
  const { url } = hub;
  const markDelivered = async (parcel: string, token: string): Promise<void> => void marked.push(`${parcel} ${token}`);
  const note = (type: string): void => void noted.push(type);
  hub.append("store/acme", { id: "e1", parcel: "p1", type: "delivered" });
  hub.append("store/acme", { id: "e2", parcel: "p2" });
  const vendor = createVendor({ url, token: "…" });
  // vendor
  vendor.on("delivered", async (event, delivery) => {
    await markDelivered(event.parcel, delivery.token); // Returned: acked. Thrown: offered again.
  });
  vendor.onOther((event) => note(event.type));
  await vendor.start();
  await vendor.publish({ type: "ready", parcel: "p-1", store: "acme-widgets", data: { zone: "north" } });
  // vendor
  await hub.until(() => hub.group("store/acme").settled.size === 2);
  await vendor.close();
  expect({ marked, noted }).toEqual({ marked: ["p1 1.1"], noted: ["in-transit"] });
  expect(linesOf(own, "vendor")).toHaveLength(6);
  expect(printed).toEqual(expect.arrayContaining(linesOf(own, "vendor")));
});

test("the README's driver runs as it is printed", async () => {
  const hub = await startHub();
  const { url } = hub;
  hub.append("zone/north", { id: "e1", parcel: "p1", type: "ready", data: { zone: "north" } });
  await using driver = createDriver({ url, token: "…", outbox: memoryOutbox() });
  // driver
  await driver.offers("north", async (offer) => {
    const job = await offer.take(); // First committed wins; all others get CLAIM_LOST.
    await driver.publish({ type: "pickup", parcel: job.parcel, store: job.store });
  });
  const { outcome } = await driver.publish({ type: "delivered", parcel: "p-0", store: "acme-widgets" });
  // driver
  await hub.until(() => hub.events("store/acme").some(({ type }) => type === "pickup"));
  expect(outcome).toBe("stored");
  expect(linesOf(own, "driver")).toHaveLength(5);
  expect(printed).toEqual(expect.arrayContaining(linesOf(own, "driver")));
});
