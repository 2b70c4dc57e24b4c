/** The cheat sheet's lines of what clients emit, of reserved names, and of transports. */
import { createTcpFaultProxy } from "@waybill/testkit";
import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { line } from "../src/cheat-sheet.ts";
import { type Company, openCompany } from "../src/company.ts";
import type { Peer } from "../src/peer.ts";

let company: Company;
beforeAll(async () => {
  company = await openCompany();
});
afterEach(() => company.dismiss());
afterAll(() => company[Symbol.asyncDispose]());

const position = (lat: number, parcel: string) => ({ parcel, lat, lng: 4.8, at: "2026-05-01T09:30:00+02:00" });
const reserved = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/** A store whose parcel a driver carries, and that driver. */
async function pair(name: string): Promise<{ vendor: Peer; driver: Peer; parcel: string; store: string }> {
  const [vendor, driver] = [await company.vendor(name), await company.driver(name)];
  const job = { store: name, parcel: `${name}-1` };
  await company.give(vendor, driver, job);
  return { vendor, driver, ...job };
}

/** What `cut` does to the connection is noticed, and the client is back by itself; before that, `meanwhile` is done. */
async function lose(peer: Peer, cut: () => void, meanwhile: () => void = () => {}): Promise<void> {
  const gone = new Promise((resolve) => peer.socket.once("disconnect", resolve));
  cut();
  await gone;
  const back = new Promise((resolve) => peer.socket.once("connect", () => resolve(undefined)));
  meanwhile();
  await back;
}

test(line("client-emit"), async () => {
  const { vendor, driver, parcel } = await pair("c-emit");
  await lose(
    driver,
    () => driver.socket.io.engine.close(),
    () => driver.socket.emit("position", position(1, parcel)),
  );
  expect(await vendor.next("position")).toMatchObject({ lat: 1 });
});

test(line("client-ack"), async () => {
  const { vendor, driver, parcel, store } = await pair("c-ack");
  await vendor.request("subscribe", { types: ["delivered"] });
  expect(await driver.request("delivered", { store, parcel, id: "c-ack-9" })).toMatchObject({ outcome: "stored", id: "c-ack-9" });
  expect(await vendor.next("delivered")).toMatchObject({ id: "c-ack-9" });
});

test(line("client-timeout"), async () => {
  await using proxy = await createTcpFaultProxy({ target: { port: company.hub.running.port } });
  const vendor = await company.vendor("c-timeout");
  await vendor.request("subscribe", {});
  const driver = await company.driver("tom", { url: proxy.url, transports: ["websocket"] });
  const scan = { store: "c-timeout", parcel: "t1", id: "c-timeout-1" };
  proxy.set({ kind: "half-open", lost: "down" });
  await expect(driver.socket.timeout(300).emitWithAck("delivered", scan)).rejects.toThrow("timed out");
  // No answer means unknown: it has arrived. Sent again, it is known by its id, and the store gets nothing more.
  expect(await vendor.next("delivered")).toMatchObject({ id: "c-timeout-1" });
  proxy.set({ kind: "pass" });
  await lose(driver, () => proxy.reset());
  expect(await driver.request("delivered", scan)).toMatchObject({ outcome: "duplicate" });
  await vendor.fence();
  expect(vendor.heard("delivered")).toHaveLength(1);
});

test(line("client-volatile"), async () => {
  const { vendor, parcel } = await pair("c-volatile");
  const token = company.hub.token({ role: "driver", driver: "c-volatile" });
  const socket = io(`${company.hub.url}/driver`, { auth: { token }, forceNew: true });
  // It has not been connected yet.
  socket.volatile.emit("position", position(1, parcel));
  socket.emit("position", position(2, parcel));
  expect(await vendor.next("position")).toMatchObject({ lat: 2 });
  expect(vendor.heard("position")).toHaveLength(1);
  socket.disconnect();
});

test(line("client-compress"), async () => {
  const { vendor, driver, parcel, store } = await pair("c-compress");
  await vendor.request("subscribe", { types: ["delivered"] });
  for (const compress of [false, true]) {
    await driver.socket
      .compress(compress)
      .timeout(10_000)
      .emitWithAck("delivered", { store, parcel, id: `c-${compress}` });
    expect(await vendor.next("delivered")).toMatchObject({ id: `c-${compress}` });
  }
});

test(line("reserved-client"), async () => {
  const { vendor, driver } = await pair("c-reserved");
  for (const name of reserved) expect(() => driver.socket.emit(name, {})).toThrow("reserved event name");
  await vendor.fence();
  const before = vendor.heard("presence").length;
  for (const name of reserved) {
    // Without the library: its connection closes, with the reason or without one.
    const peer = new WebSocket(`${company.hub.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    const closed = new Promise((resolve) => peer.addEventListener("close", resolve));
    const token = company.hub.token({ role: "driver", driver: "rex" });
    peer.addEventListener("message", ({ data }) => {
      if (String(data).startsWith("0")) peer.send(`40/driver,${JSON.stringify({ token })}`);
      if (String(data).startsWith('42/driver,["welcome"')) peer.send(`42/driver,0${JSON.stringify([name, {}])}`);
    });
    await closed;
  }
  for (const peer of [vendor, driver]) await peer.fence();
  expect(vendor.heard("presence")).toHaveLength(before);
  expect([vendor, driver].map(({ socket }) => socket.connected)).toEqual([true, true]);
});

test(line("reserved-hub"), async () => {
  const { vendor, driver, store } = await pair("c-types");
  await vendor.request("subscribe", { types: ["ready", "claimed", "delivered"] });
  for (const name of ["error", "welcome", "presence", "deliver"]) {
    expect(await driver.request(name, { store, parcel: "x1" })).toMatchObject({ outcome: "refused", error: { code: "RESERVED_NAME" } });
  }
  await driver.request("delivered", { store, parcel: "x1" });
  await vendor.next("delivered");
  expect(["error", "deliver"].flatMap((name) => vendor.heard(name))).toEqual([]);
  expect(vendor.heard("welcome")).toHaveLength(1);
});

/** Talking does not wait for the better transport: it comes when it comes. */
async function upgraded({ socket }: Peer): Promise<void> {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") await new Promise((resolve) => engine.once("upgrade", resolve));
}

/** A publish, a delivery and a presence from one to another, both over these transports. */
async function talk(name: string, transports: string[] | undefined): Promise<string[]> {
  const options = transports ? { transports } : {};
  const [vendor, driver] = [await company.vendor(name, options), await company.driver(name, options)];
  await vendor.request("subscribe", {});
  for (const parcel of ["a", "b", "c"]) await driver.request("delivered", { store: name, parcel });
  for (const parcel of ["a", "b", "c"]) expect(await vendor.next("delivered")).toMatchObject({ parcel });
  await company.vendor(name, { ...options, subject: "newcomer" });
  expect(await vendor.next("presence")).toMatchObject({ subject: "newcomer" });
  await vendor.fence();
  expect(vendor.heard("delivered")).toHaveLength(3);
  if (!transports) await Promise.all([vendor, driver].map(upgraded));
  return [vendor, driver].map(({ socket }) => socket.io.engine.transport.name);
}

test(line("polling"), async () => {
  expect(await talk("t-polling", ["polling"])).toEqual(["polling", "polling"]);
});

test(line("websocket"), async () => {
  expect(await talk("t-websocket", ["websocket"])).toEqual(["websocket", "websocket"]);
});

test(line("upgrade"), async () => {
  expect(await talk("t-upgrade", undefined)).toEqual(["websocket", "websocket"]);
});
