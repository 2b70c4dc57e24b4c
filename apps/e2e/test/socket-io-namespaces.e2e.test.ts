/** The cheat sheet's lines of namespaces: handlers, rooms and middleware of their own. */
import { createDriver } from "@waybill/client";
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
  // Who was in an earlier test may be on its way out; of those here it heard nothing.
  const refused = ["mia", "n-mw"].map((id) => expect.objectContaining({ id }));
  for (const who of refused) expect(operator.heard("presence")).not.toContainEqual(who);
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

test(line("dynamic"), async () => {
  await using shared = await openCompany({ args: ["--tenant-namespaces"] });
  const acme = { tenant: "acme" };
  const operator = await shared.operator({ ...acme, namespace: "/acme/admin" });
  const rival = await shared.operator({ tenant: "rival", namespace: "/rival/admin" });
  const ours = await shared.operator();
  const [vendor, driver] = [
    await shared.vendor("s1", { ...acme, namespace: "/acme/vendor" }),
    await shared.driver("d1", { ...acme, namespace: "/acme/driver" }),
  ];
  // All that works in the shared ones works here, and stays here.
  await shared.give(vendor, driver, { store: "s1", parcel: "p1" });
  driver.socket.emit("position", { parcel: "p1", lat: 1, lng: 2 });
  expect(await vendor.next("position")).toMatchObject({ driver: "d1", lat: 1 });
  for (const id of ["s1", "d1"]) expect(await operator.next("presence")).toMatchObject({ id, online: true });
  expect(await operator.request("notice:send", { text: "Hello.", drivers: {}, vendors: {} })).toMatchObject({ sockets: 2 });
  for (const peer of [rival, ours]) await peer.fence();
  expect([rival, ours].flatMap((peer) => [...peer.heard("presence"), ...peer.heard("notice")])).toEqual([]);

  const token = shared.hub.running.token({ role: "driver", driver: "d2", sub: "d2", tenant: "acme" });
  await using sdk = createDriver({ url: shared.hub.url, tenant: "acme", token });
  expect(await sdk.publish({ type: "delivered", store: "s1", parcel: "p2" })).toMatchObject({ outcome: "stored" });

  // One that is there, and one that is not: who may not enter is told the same. And nobody of a tenant enters the shared ones.
  const stranger = shared.hub.running.token({ role: "driver", driver: "r1", sub: "r1", tenant: "rival" });
  for (const name of ["/acme/driver", "/nobody/driver"])
    await expect(openPeer(shared.hub.url, name, stranger)).rejects.toMatchObject({ message: "Invalid namespace", data: undefined });
  await expect(openPeer(shared.hub.url, "/driver", stranger)).rejects.toMatchObject({
    data: { code: "FORBIDDEN", message: expect.stringContaining("/rival/driver") },
  });
});
