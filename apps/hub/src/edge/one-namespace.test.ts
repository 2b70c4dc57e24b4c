import { expect, test } from "vitest";
import { openEdgeRig } from "../../test/edge-rig.ts";
import { answeredOrClosed, connectTo, openRawPeer } from "../../test/raw-peer.ts";

test("2,000 CONNECTs on one connection make one socket; the others are told why not", async () => {
  await using rig = await openEdgeRig();
  const auth = JSON.stringify({ token: await rig.token("vendor") });
  const peer = await openRawPeer(rig.url);
  let socketsMax = 0;
  rig.io.of("/vendor").on("connection", () => {
    socketsMax = Math.max(socketsMax, rig.io.of("/vendor").sockets.size);
  });
  for (let index = 0; index < 2_000; index += 1) peer.send(`0/vendor,${auth}`);
  await answeredOrClosed(peer, "0/vendor,");
  expect(peer.packets.filter((packet) => packet.startsWith("0/vendor,"))).toHaveLength(1);
  await expect.poll(() => peer.packets.some((packet) => packet.includes("one CONNECT is enough"))).toBe(true);
  expect(socketsMax).toBe(1);
  peer.close();
});

test("a CONNECT to a namespace that is connected is told why, and closes the connection", async () => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  const token = await rig.token("vendor");
  expect(await connectTo(peer, "/vendor", { token })).toHaveProperty("sid");
  peer.send(`0/vendor,${JSON.stringify({ token })}`);
  expect(await peer.packet('2/vendor,["refused"')).toMatch(/one CONNECT is enough.*"closing":true/);
  await peer.closed;
  expect(rig.reported.warnings.join()).toContain("one CONNECT is enough");
});

test("a refused namespace can be asked for again on the same connection, and so can one that was left", async () => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  const token = await rig.token("vendor");
  expect(await connectTo(peer, "/driver", { token })).toMatchObject({ data: { code: "FORBIDDEN" } });
  peer.send(`0/driver,${JSON.stringify({ token: await rig.token("driver") })}`);
  await peer.packet("0/driver,");
  expect(await connectTo(peer, "/vendor", { token })).toHaveProperty("sid");
  const [socket] = rig.io.of("/vendor").sockets.values();
  const left = new Promise((resolve) => socket?.once("disconnect", resolve));
  peer.send("1/vendor,");
  await left;
  peer.send(`0/vendor,${JSON.stringify({ token })}`);
  await expect.poll(() => peer.packets.filter((packet) => packet.startsWith("0/vendor,{")).length).toBe(2);
  peer.close();
});

test("nothing is served on the root namespace, and the peer is told where to go", async () => {
  await using rig = await openEdgeRig();
  const peer = await openRawPeer(rig.url);
  peer.send("0");
  const refused = JSON.parse((await peer.packet("4{")).slice(1));
  expect(refused).toMatchObject({ data: { code: "FORBIDDEN", message: expect.stringContaining("/vendor") } });
  peer.close();
});
