/** The cheat sheet's lines of what the hub emits: to one, to many, to rooms. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { line } from "../src/cheat-sheet.ts";
import { type Company, openCompany } from "../src/company.ts";
import { openSilentPoller } from "../src/silent-poller.ts";

let company: Company;
beforeAll(async () => {
  company = await openCompany({ args: ["--lease", "1s"] });
});
afterEach(() => company.dismiss());
afterAll(() => company[Symbol.asyncDispose]());

const position = (parcel: string, lat: number) => ({ parcel, lat, lng: 4.8, at: "2026-05-01T09:30:00+02:00" });

test(line("emit"), async () => {
  const first = await company.vendor("s-emit");
  const second = await company.vendor("s-emit");
  expect(second.heard("welcome")).toMatchObject([{ you: { role: "vendor", stores: ["s-emit"] } }]);
  await first.fence();
  expect(first.heard("welcome")).toHaveLength(1);
});

test(line("emit-ack"), async () => {
  const [ana, ben, dana] = [await company.vendor("s-ack"), await company.vendor("s-ack"), await company.driver("dana")];
  await ana.request("subscribe", {});
  await dana.request("pickup", { store: "s-ack", parcel: "p1" });
  expect(await ana.next("pickup")).toMatchObject({ parcel: "p1" });
  // Ana has acknowledged: the next of the parcel comes, and Ben, a consumer of the same group now, gets that or nothing.
  await ben.request("subscribe", {});
  await dana.request("delivered", { store: "s-ack", parcel: "p1" });
  await Promise.race([ana.next("delivered"), ben.next("delivered")]);
  await ben.fence();
  expect(ben.heard("pickup")).toEqual([]);
});

test(line("emit-timeout"), async () => {
  const dana = await company.driver("dana");
  const ana = await company.vendor("s-timeout");
  // She hears it, and never answers.
  ana.socket.offAny();
  const heard = new Promise((resolve) => ana.socket.once("pickup", resolve));
  await ana.socket.timeout(10_000).emitWithAck("subscribe", {});
  await dana.request("pickup", { store: "s-timeout", parcel: "p1" });
  expect(await heard).toMatchObject({ parcel: "p1" });
  const ben = await company.vendor("s-timeout");
  await ben.request("subscribe", {});
  expect(await ben.next("pickup")).toMatchObject({ parcel: "p1" });
});

test(line("volatile"), async () => {
  const [vendor, driver] = [await company.vendor("s-volatile"), await company.driver("vera")];
  await company.give(vendor, driver, { store: "s-volatile", parcel: "v1" });
  const token = company.hub.token({ role: "vendor", stores: ["s-volatile"] });
  const away = await openSilentPoller(company.hub.url, "/vendor", token);
  for (const lat of [1, 2, 3]) {
    driver.socket.emit("position", position("v1", lat));
    expect(await vendor.next("position")).toEqual({ ...position("v1", lat), driver: "vera" });
  }
  // Told all the same to who could not take it at once, for it is not volatile.
  await company.vendor("s-volatile", { subject: "newcomer" });
  const waited = await away.poll();
  expect(waited.map(({ name }) => name)).toEqual(["presence"]);
  expect(waited[0]?.body).toMatchObject({ subject: "newcomer", online: true });
});

test(line("compress"), async () => {
  const [vendor, driver] = [await company.vendor("s-compress"), await company.driver("cleo")];
  await vendor.request("subscribe", {});
  await driver.request("delivered", { store: "s-compress", parcel: "p1", data: { note: "z".repeat(1_000) } });
  expect(await vendor.next("delivered")).toMatchObject({ data: { note: "z".repeat(1_000) } });
  const handshake = await fetch(`${company.hub.url}/socket.io/?EIO=4&transport=polling`, {
    headers: { "accept-encoding": "gzip, deflate" },
  });
  expect(handshake.headers.get("content-encoding")).toBeNull();
  const upgraded = new WebSocket(`${company.hub.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  await new Promise((resolve) => upgraded.addEventListener("message", resolve, { once: true }));
  // Asked for by every client of this kind; the hub does not agree.
  expect(upgraded.extensions).toBe("");
  upgraded.close();
});

test(line("to-room"), async () => {
  const [ana, other] = [await company.vendor("s-room", { subject: "ana" }), await company.vendor("s-other")];
  const ben = await company.vendor("s-room", { subject: "ben" });
  const told = await ana.next("presence");
  expect(told).toMatchObject({ role: "vendor", id: "s-room", subject: "ben", online: true, sockets: 1, socket: ben.socket.id });
  for (const peer of [ben, other]) await peer.fence();
  expect([ben.heard("presence"), other.heard("presence")]).toEqual([[], []]);
});

test(line("of-to-room"), async () => {
  const [mine, other, driver] = [await company.vendor("s-pos"), await company.vendor("s-pos-2"), await company.driver("petra")];
  const colleague = await company.driver("paul");
  await company.give(mine, driver, { store: "s-pos", parcel: "pos-1" });
  // Who does not hold the job is not shown, nor is who names none.
  colleague.socket.emit("position", position("pos-1", 1));
  driver.socket.emit("position", { lat: 2, lng: 4.8 });
  await colleague.fence();
  driver.socket.emit("position", position("pos-1", 3));
  expect(await mine.next("position")).toEqual({ ...position("pos-1", 3), driver: "petra" });
  for (const peer of [other, driver, colleague]) await peer.fence();
  expect([other, driver, colleague].flatMap((peer) => peer.heard("position"))).toEqual([]);
});

test(line("of-emit"), async () => {
  const [ours, theirs] = [await company.operator(), await company.operator({ tenant: "rival" })];
  await company.driver("olaf");
  // Who was in an earlier test may be on its way out.
  let told = await ours.next("presence");
  while (told.id !== "olaf") told = await ours.next("presence");
  expect(told).toMatchObject({ role: "driver", online: true });
  await theirs.fence();
  expect(theirs.heard("presence")).toEqual([]);
});

test(line("join"), async () => {
  const [vendor, driver] = [await company.vendor("s-join"), await company.driver("jo")];
  const intruder = await company.vendor("s-elsewhere");
  for (const name of ["join", "room", "subscribe"]) {
    const body = name === "subscribe" ? { queue: "store/s-join" } : { room: "default:store:s-join" };
    expect(await intruder.request(name, body)).toMatchObject({ outcome: "refused" });
  }
  expect(await intruder.request("who", { store: "s-join" })).toMatchObject({ outcome: "refused", error: { code: "FORBIDDEN" } });
  await company.give(vendor, driver, { store: "s-join", parcel: "j1" });
  driver.socket.emit("position", position("j1", 1));
  await vendor.next("position");
  await intruder.fence();
  expect([...intruder.heard("position"), ...intruder.heard("presence")]).toEqual([]);
});

test(line("disconnecting"), async () => {
  const ana = await company.vendor("s-gone", { subject: "ana" });
  const [ben, again] = [await company.vendor("s-gone", { subject: "ben" }), await company.vendor("s-gone", { subject: "ben" })];
  for (const sockets of [1, 2]) expect(await ana.next("presence")).toMatchObject({ online: true, sockets });
  ben.close();
  expect(await ana.next("presence")).toMatchObject({ subject: "ben", online: false, sockets: 1 });
  again.close();
  const last = await ana.next("presence");
  expect(last).toMatchObject({ subject: "ben", online: false, sockets: 0 });
  const { people } = await ana.request("who", {});
  expect(people).toMatchObject([
    { subject: "ana", online: true, socket: ana.socket.id },
    { subject: "ben", online: false, at: last.at },
  ]);
});
