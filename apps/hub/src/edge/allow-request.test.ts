import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { openEdgeRig } from "../../test/edge-rig.ts";
import { connectTo, openRawPeer } from "../../test/raw-peer.ts";
import { addressOf, createAllowRequest } from "./allow-request.ts";

/** A gate asked once, as Engine.IO asks it. */
function ask(options: Partial<Parameters<typeof createAllowRequest>[0]>, headers: Record<string, string> = {}) {
  const gate = createAllowRequest({
    origins: [],
    connectionsMax: 10,
    unauthenticatedPerAddressMax: 10,
    isDraining: () => false,
    ...options,
  });
  const request = Object.assign(new IncomingMessage(new Socket()), { headers });
  let answered: { message: string | null | undefined; ok: boolean } | null = null;
  gate.allowRequest(request, (message, ok) => {
    answered = { message, ok };
  });
  return answered;
}

test("a hub that leaves, and one that is full, take nobody", () => {
  expect(ask({})).toEqual({ message: null, ok: true });
  expect(ask({ isDraining: () => true })).toEqual({ message: expect.stringContaining("leaving"), ok: false });
  expect(ask({ connectionsMax: 0 })).toEqual({ message: expect.stringContaining("as many connections"), ok: false });
});

test("an IPv6 subscriber counts as one, IPv4 in IPv6 clothes is IPv4", () => {
  expect(addressOf("::ffff:10.0.0.7")).toBe("10.0.0.7");
  expect(addressOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(addressOf("2001:db8:1:2::9")).toBe(addressOf("2001:db8:1:2:ffff::1"));
  expect(addressOf("::1")).toBe("0:0:0:0::/64");
  expect(addressOf(undefined)).toBe("unknown");
});

test("pages of origins that are not listed are refused on both transports; no origin, a listed one and the hub's own pass", async () => {
  await using rig = await openEdgeRig({ origins: ["https://board.example"] });
  const polling = async (origin?: string) =>
    (await fetch(`${rig.url}/socket.io/?EIO=4&transport=polling`, { headers: origin ? { origin } : {} })).status;
  expect(await Promise.all([polling("https://evil.example"), polling("null"), polling("https://board.example.evil.example")])).toEqual([
    403, 403, 403,
  ]);
  expect(await Promise.all([polling(), polling("https://board.example"), polling(rig.url)])).toEqual([200, 200, 200]);
  await expect(openRawPeer(rig.url, { origin: "https://evil.example" })).rejects.toThrow();
  const listed = await openRawPeer(rig.url, { origin: "https://board.example" });
  listed.close();
});

test("connections without a token are counted per address; one that shows its token counts no more", async () => {
  await using rig = await openEdgeRig({ unauthenticatedPerAddressMax: 2 });
  const first = await openRawPeer(rig.url);
  const second = await openRawPeer(rig.url);
  await expect(openRawPeer(rig.url)).rejects.toThrow();
  expect(await connectTo(first, "/vendor", { token: await rig.token("vendor") })).toHaveProperty("sid");
  const third = await openRawPeer(rig.url);
  await expect(openRawPeer(rig.url)).rejects.toThrow();
  second.close();
  await expect.poll(() => rig.io.engine.clientsCount).toBe(2);
  (await openRawPeer(rig.url)).close();
  for (const peer of [first, third]) peer.close();
});

test("a client that was refused here keeps trying, and comes in when there is room", async () => {
  await using rig = await openEdgeRig({ unauthenticatedPerAddressMax: 1 });
  const blocker = await openRawPeer(rig.url);
  const client = io(`${rig.url}/vendor`, { auth: { token: await rig.token("vendor") }, reconnectionDelay: 10, forceNew: true });
  await new Promise((resolve) => client.once("connect_error", resolve));
  expect(client.active).toBe(true);
  blocker.close();
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  client.close();
});
