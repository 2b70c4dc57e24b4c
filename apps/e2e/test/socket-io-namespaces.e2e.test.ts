/** The cheat sheet's lines of namespaces: handlers, rooms and middleware of their own. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { line } from "../src/cheat-sheet.ts";
import { type Company, openCompany } from "../src/company.ts";
import { openPeer } from "../src/peer.ts";

let company: Company;
beforeAll(async () => {
  company = await openCompany();
});
afterEach(() => company.dismiss());
afterAll(() => company[Symbol.asyncDispose]());

test(line("handlers"), async () => {
  const [vendor, driver] = [await company.vendor("n-handlers"), await company.driver("hanna")];
  await vendor.request("ready", { store: "n-handlers", parcel: "h1", data: { zone: "north" } });
  expect(await vendor.request("take", { parcel: "h1" })).toMatchObject({ outcome: "refused" });
  // What the vendor was refused is still there for the driver.
  expect(await driver.request("take", { parcel: "h1" })).toMatchObject({ outcome: "yours" });
  expect(await driver.request("hub:info", {})).toMatchObject({ outcome: "refused" });
});

test(line("middleware"), async () => {
  const operator = await company.operator();
  const { url } = company.hub;
  for (const token of [company.hub.token({ role: "driver", driver: "mia" }), company.hub.token({ role: "vendor", stores: ["n-mw"] })]) {
    await expect(openPeer(url, "/admin", token)).rejects.toMatchObject({ data: { code: "FORBIDDEN", retry: "never" } });
  }
  await expect(openPeer(url, "/vendor", "nonsense")).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  await expect(openPeer(url, "/", company.hub.token({ role: "admin" }))).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
  await operator.fence();
  expect(operator.heard("presence")).toEqual([]);
});

test(line("own-rooms"), async () => {
  // A driver and a store of one name, and a store of that name of another tenant.
  const [store, driver] = [await company.vendor("twin", { subject: "s1" }), await company.driver("twin", { subject: "d1" })];
  const rival = await company.vendor("twin", { subject: "r1", tenant: "rival" });
  await company.vendor("twin", { subject: "s2" });
  expect(await store.next("presence")).toMatchObject({ role: "vendor", subject: "s2" });
  for (const peer of [driver, rival]) await peer.fence();
  expect([store.heard("presence").length, driver.heard("presence"), rival.heard("presence")]).toEqual([1, [], []]);
});
