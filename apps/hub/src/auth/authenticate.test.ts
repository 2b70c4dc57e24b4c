import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from "@waybill/events";
import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { openEdgeRig } from "../../test/edge-rig.ts";
import { connectTo, openRawPeer } from "../../test/raw-peer.ts";

test.each([
  ["vendor", "/vendor", true],
  ["vendor", "/driver", false],
  ["vendor", "/admin", false],
  ["driver", "/driver", true],
  ["driver", "/vendor", false],
  ["driver", "/admin", false],
  ["admin", "/vendor", true],
  ["admin", "/driver", true],
  ["admin", "/admin", true],
] as const)("a %s's token on %s: %s", async (role, namespace, isAllowed) => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  const answer = await connectTo(peer, namespace, { token: await rig.token(role) });
  if (isAllowed) expect(answer).toHaveProperty("sid");
  else expect(answer).toMatchObject({ message: expect.stringContaining(`${role}'s token`), data: { code: "FORBIDDEN", retry: "never" } });
  peer.close();
});

test.each([
  ["no auth at all", undefined],
  ["no token", {}],
  ["a token that is no text", { token: { toString: "x" } }],
  ["an empty token", { token: "" }],
  ["a token in a list", { token: ["x"] }],
  ["a token of 60 kB", { token: "x".repeat(60_000) }],
])("%s is answered with a final, typed error", async (_name, auth) => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  peer.send(auth === undefined ? "0/vendor," : `0/vendor,${JSON.stringify(auth)}`);
  expect(JSON.parse((await peer.packet("4/vendor,")).slice(9))).toMatchObject({ data: { code: "UNAUTHORIZED", retry: "never" } });
  expect(rig.io.of("/vendor").sockets.size).toBe(0);
  peer.close();
});

test("a token in the URL or in a header counts for nothing", async () => {
  await using rig = await openEdgeRig();
  const token = await rig.token("vendor");
  const client = io(`${rig.url}/vendor`, { query: { token }, extraHeaders: { authorization: `Bearer ${token}` }, reconnection: false });
  const refused = await new Promise<Error & { data?: unknown }>((resolve) => client.once("connect_error", resolve));
  expect(refused.data).toMatchObject({ code: "UNAUTHORIZED" });
  client.close();
});

test("the token is forgotten once it was read, and all else of the handshake", async () => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  await connectTo(peer, "/vendor", { token: await rig.token("vendor"), sdk: "test 1.0" });
  const [socket] = rig.io.of("/vendor").sockets.values();
  expect(socket?.handshake).toMatchObject({ auth: {}, headers: {}, query: {} });
  expect(socket?.conn.request).toBeNull();
  expect(socket?.data).toMatchObject({ sdk: "test 1.0", identity: { role: "vendor", stores: ["acme-widgets"] } });
  peer.close();
});

test("a version of the wire that the hub does not speak is refused by name; the hub's own, the one before, and none, are taken", async () => {
  await using rig = await openEdgeRig();
  const token = await rig.token("vendor");
  const answerTo = async (protocol: number | undefined) => {
    const peer = await openRawPeer(rig.url);
    const answer = await connectTo(peer, "/vendor", { token, protocol });
    peer.close();
    return answer;
  };
  for (const unknown of [PROTOCOL_VERSION + 1, PROTOCOL_VERSION_MIN - 1, -1]) {
    expect(await answerTo(unknown)).toMatchObject({
      message: expect.stringContaining(`version ${unknown} of the wire, this hub ${PROTOCOL_VERSION_MIN} to ${PROTOCOL_VERSION}`),
      data: { code: "UNSUPPORTED_PROTOCOL", retry: "never" },
    });
  }
  expect(await answerTo(PROTOCOL_VERSION)).toHaveProperty("sid");
  expect(await answerTo(PROTOCOL_VERSION_MIN)).toHaveProperty("sid");
  expect(await answerTo(undefined)).toHaveProperty("sid");
});

test("when the hub cannot tell, it closes without an answer, and the client keeps trying", async () => {
  let isAway = true;
  const identity = { role: "vendor" as const, tenant: "default", subject: "v", stores: ["a"], expMs: Date.now() + 60_000 };
  await using rig = await openEdgeRig({ verify: async () => (isAway ? Promise.reject(new Error("the keys are away")) : identity) });
  const client = io(`${rig.url}/vendor`, { auth: { token: "any" }, transports: ["websocket"], reconnectionDelay: 10 });
  const errors: Error[] = [];
  client.on("connect_error", (error) => errors.push(error));
  await expect.poll(() => rig.reported.faults.length).toBeGreaterThan(0);
  expect(client.active).toBe(true);
  expect(errors).toEqual([]);
  isAway = false;
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  client.close();
});

test("a live socket ends with its token: told why, and closed so that its client comes back", async () => {
  await using rig = await openEdgeRig();
  const token = await rig.token("vendor", 4_000);
  const peer = await openRawPeer(rig.url);
  expect(await connectTo(peer, "/vendor", { token })).toHaveProperty("sid");
  expect(await peer.packet('2/vendor,["refused"')).toContain('"code":"UNAUTHORIZED"');
  expect(await peer.packet('2/vendor,["refused"')).toContain('"closing":true');
  await peer.closed;
  const again = await openRawPeer(rig.url);
  expect(await connectTo(again, "/vendor", { token })).toMatchObject({ data: { code: "UNAUTHORIZED" } });
  again.close();
});
